export { Doubt, QueryRefused, type Answer, type Heard } from './answer.js';
export { collect, type Collected, type Collecting } from './collect.js';
export { Evidence } from './evidence.js';
export { judge, type Judged } from './judge.js';
export { queriesOf, type Query } from './queries.js';
export {
  CRITERIA,
  ENFORCEMENT_WINDOW,
  GATES,
  NETWORK_SOURCES,
  type Criteria,
  type Gate,
  type NetworkSource,
  type Question,
  type Subject,
} from './question.js';
export { resultOf, tryGateDoubt, type GateResult } from './result.js';
