import { k8s } from 'cdk8s-plus-28';
import type { NamedPort } from '../model/spire.js';

export const containerPorts = (...ports: readonly NamedPort[]): k8s.ContainerPort[] =>
  ports.map(({ name, port }) => ({ name, containerPort: port, protocol: 'TCP' }));

/** Of a GET, by the port's name. */
export const answers = ({ name }: NamedPort, path: string): k8s.HttpGetAction => ({
  path,
  port: k8s.IntOrString.fromString(name),
});

export const resources = (cpu: string, memory: string, limit: string): k8s.ResourceRequirements => ({
  requests: { cpu: k8s.Quantity.fromString(cpu), memory: k8s.Quantity.fromString(memory) },
  limits: { memory: k8s.Quantity.fromString(limit) },
});
