import { Option, type Command } from 'commander';
import { readCluster, UnreadableObjectError, type Cluster, type NotEvaluated } from '../prove/index.js';
import { readFolder } from '../prove/input/folder.js';
import { readManifests } from '../prove/input/manifests.js';
import { located, type Manifest } from '../prove/input/origin.js';
import { templatePods, unreadTemplates } from '../prove/input/templates.js';
import { matrix } from '../prove/matrix.js';
const objs = readManifests(readFolder(process.argv[2]!));
void Option; void 0 as unknown as Command; void 0 as unknown as Cluster | NotEvaluated | Manifest;
const all = [...objs];
try {
  for (const t of templatePods(objs.map(o=>o.object))) all.push({ object: t.pod, origin: { ...objs.find(o=>o.object===t.workload)!.origin, within: { object: t.workload, path: t.path } } });
  const c = readCluster(all.map(o=>o.object));
  console.error([...c.notEvaluated, ...unreadTemplates(objs.map(o=>o.object))]);
  console.log(JSON.stringify(matrix(c, { ipBlockSelectsPods: process.argv[3] !== 'false' })));
} catch (e) { throw e instanceof UnreadableObjectError ? located(e, all) ?? e : e; }
