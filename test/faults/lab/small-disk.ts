import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { open, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const size = '48m';
const piece = Buffer.alloc(64 * 1024);

export async function mountSmallDisk() {
  const path = mount();
  const filler = join(path, 'filler');
  return {
    path,
    async fill() {
      const file = await open(filler, 'a');
      try {
        // The last pages too: a piece that has no room is followed by single bytes, until none has.
        for (const bytes of [piece, piece.subarray(0, 1)]) await writeUntilFull(file, bytes);
      } finally {
        await file.close();
      }
    },
    free: () => rm(filler, { force: true }),
    async [Symbol.asyncDispose]() {
      // Whoever still has a file open on it keeps it until then.
      execFileSync('umount', ['--lazy', path]);
      await rmdir(path);
    },
  };
}

/** A file system of its own, in memory, that is really full (ENOSPC) when it is filled. */
export type SmallDisk = Awaited<ReturnType<typeof mountSmallDisk>>;

function mount(): string {
  const path = mkdtempSync(join(tmpdir(), 'small-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'small-disk', path], { stdio: 'pipe' });
    return path;
  } catch (error) {
    rmSync(path, { recursive: true });
    throw error;
  }
}

async function writeUntilFull(file: Awaited<ReturnType<typeof open>>, bytes: Buffer): Promise<void> {
  for (;;) {
    try {
      await file.write(bytes);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
      throw error;
    }
  }
}

/** Only root may, and not in every container. */
export const mayMount: boolean = await mountSmallDisk().then(
  async (disk) => {
    await disk[Symbol.asyncDispose]();
    return true;
  },
  () => false,
);
