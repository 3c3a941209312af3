/** A process of its own, so that it can be killed or race: `store-child.ts <file> <action>`. Says line by line what it was told. */
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';

const [file = '', action = ''] = process.argv.slice(2);
const store = createSqliteStore(file);

if (action === 'write') {
  for (let n = 0; ; n++) {
    await store.write(`written:${n}`, `{"n":${n}}`, 3600);
    await store.take({ record: `written:${n}`, nonce: 'a' });
    process.stdout.write(`${n}\n`);
    // Lets the line out before the next write.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

if (action === 'race') {
  process.stdout.write('ready\n');
  await new Promise((resolve) => process.stdin.once('data', resolve));
  for (let n = 0; n < 300; n++) {
    await store.count('counted', 3600);
    await store.addMember('members', `${process.pid}:${n}`, 3600);
    if ((await store.take({ record: `race:${n}`, nonce: String(process.pid) })) === 'taken')
      process.stdout.write(`taken ${n}\n`);
  }
  await store.close();
  process.stdin.destroy();
}
