/**
 * `<workspace>-<yyyymmdd>t<hhmmss>z`: the name of what is asked for or approved at a time. At most 63 characters, since
 * it may become the value of a label.
 */
export const stampedName = (workspaceId: string, at: Date): string => {
  const stamp = at.toISOString().slice(0, 19).replace(/[-:]/g, '').toLowerCase();
  return `${workspaceId.slice(0, 46).replace(/-+$/, '')}-${stamp}z`;
};
