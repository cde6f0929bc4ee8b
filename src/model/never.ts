/** Link-local ranges (RFC 3927, RFC 4291) and the metadata services that clouds put elsewhere (bypass B8). */
export const METADATA_CIDRS: readonly string[] = [
  '169.254.0.0/16',
  'fe80::/10',
  'fd00:ec2::254/128',
  '168.63.129.16/32',
  '100.100.100.200/32',
];
