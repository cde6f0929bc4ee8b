import { obtain } from '../../../lab/obtain.js';

/** OpenFGA's own program, as the lab has it. */
export const openfga: string = (await obtain('openfga')).path;
