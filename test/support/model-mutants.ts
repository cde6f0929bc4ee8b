import { modelOf, readModules, type ModelJson } from './authorization-model.js';

/** One change of the model's modules that makes it wrong: what it is, in which module, from what to what. */
const MUTANTS: readonly (readonly [what: string, file: string, from: string, to: string])[] = [
  ['suspension means nothing to members', 'core.fga', ' but not suspended', ''],
  ['operators are no members', 'core.fga', 'or admin or operator or approver', 'or admin or approver'],
  ['auditors are no members', 'core.fga', ' or auditor) but', ') but'],
  ['workloads are no members', 'core.fga', '(direct_member or admin', '(admin'],
  ['admins are no operators', 'core.fga', '[user, agent] or admin', '[user, agent]'],
  ['approvers are operators', 'core.fga', '[user, agent] or admin', '[user, agent] or admin or approver'],
  [
    'a stranger owns an agent',
    'core.fga',
    '(registered_owner or admin from workspace) and member from workspace',
    'registered_owner or admin from workspace',
  ],
  ['admins own no agents', 'core.fga', '(registered_owner or admin from workspace) and', 'registered_owner and'],
  [
    'operators own agents',
    'core.fga',
    '(registered_owner or admin from workspace)',
    '(registered_owner or operator from workspace)',
  ],
  [
    'approvers see agents',
    'core.fga',
    'or auditor from workspace) and',
    'or auditor from workspace or approver from workspace) and',
  ],
  [
    'a stranger operates a run',
    'runs.fga',
    '(assigned_operator or operator from workspace) and member from workspace',
    'assigned_operator or operator from workspace',
  ],
  [
    'nobody is assigned to a run',
    'runs.fga',
    '(assigned_operator or operator from workspace)',
    'operator from workspace',
  ],
  [
    'a run belongs to those assigned to it alone',
    'runs.fga',
    '(assigned_operator or operator from workspace)',
    'assigned_operator',
  ],
  [
    'a stranger sees a run',
    'runs.fga',
    'or approver from workspace) and member from workspace',
    'or approver from workspace)',
  ],
  ['auditors see no runs', 'runs.fga', ' or auditor from workspace or approver', ' or approver'],
  ['approvers see no runs', 'runs.fga', ' or approver from workspace) and', ') and'],
  [
    'a suspended approver approves',
    'runs.fga',
    'approver from workspace and member from workspace',
    'approver from workspace',
  ],
  [
    'whoever is assigned approves, in the pool or not',
    'runs.fga',
    '(assigned_approver and approver_pool from run)',
    'assigned_approver',
  ],
  [
    'the whole pool approves, assigned or not',
    'runs.fga',
    '(assigned_approver and approver_pool from run)',
    'approver_pool from run',
  ],
  ['conflicts mean nothing', 'runs.fga', ' but not conflicted', ''],
  ['the initiator is in no conflict', 'runs.fga', 'extra_conflict or initiator from run', 'extra_conflict'],
  ['owners of agents are in no conflict', 'runs.fga', 'extra_conflict or initiator from run', 'initiator from run'],
  ['the condition pins nobody', 'runs.fga', 'initiator != actor', 'initiator != "" || actor != ""'],
  ['the condition lets the initiator alone', 'runs.fga', 'initiator != actor', 'initiator == actor'],
  [
    'whoever sees a run carries out its approvals',
    'runs.fga',
    'define executor: operator from run',
    'define executor: viewer from run',
  ],
  ['a lease opens to strangers', 'credentials.fga', 'lease and member from workspace', 'lease'],
  [
    'members read credentials without a lease',
    'credentials.fga',
    'lease and member from workspace',
    'member from workspace',
  ],
  ['a lease begins before it does', 'credentials.fga', 'current_time >= not_before && ', ''],
  ['a lease never ends', 'credentials.fga', ' && current_time < expires_at', ''],
  [
    'a suspended person starts runs',
    'portarium-compat.fga',
    'run_start: (admin or operator) but not suspended',
    'run_start: (admin or operator)',
  ],
  [
    'approvers start runs',
    'portarium-compat.fga',
    'run_start: (admin or operator)',
    'run_start: (admin or operator or approver)',
  ],
  [
    'operators change policies',
    'portarium-compat.fga',
    'policy_change_approve: (admin or approver)',
    'policy_change_approve: (admin or operator)',
  ],
  [
    'operators register agents',
    'portarium-compat.fga',
    'machine_agent_register: admin',
    'machine_agent_register: operator',
  ],
];

/** Every mutant as a model. Throws when one no longer changes its module: a mutant that is the model proves nothing. */
export function modelMutants(): readonly { readonly what: string; readonly model: ModelJson }[] {
  const modules = readModules();
  return MUTANTS.map(([what, file, from, to]) => {
    const text = modules[file] ?? '';
    if (!text.includes(from)) throw new Error(`the mutant "${what}" finds no "${from}" in ${file}`);
    return { what, model: modelOf({ ...modules, [file]: text.replace(from, to) }) };
  });
}
