import { stripTypeScriptTypes } from 'node:module';

// Tests run the very code that production runs: Node's own type stripping, nothing else.
export default { process: (source) => ({ code: stripTypeScriptTypes(source) }) };
