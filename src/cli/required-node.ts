/** Loaded before everything else by the commands: an older Node cannot even load the rest, and would say so by a stack trace. */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 7)) {
  process.stderr.write(`This server needs Node.js 24.7 or newer; this is ${process.versions.node}.\n`);
  process.exit(1);
}
