import type { SeenAnswer } from './answers.ts';
import { walkBesides } from './besides.ts';
import { walkConsole } from './console.ts';
import { placesWith, startPartner, walkElsewhere } from './elsewhere.ts';
import { walkErrors } from './errors.ts';
import { walkFactors } from './factors.ts';
import { walkFlow } from './flow.ts';
import { createAlbum, openHouse, type Seen } from './house.ts';
import { walkAccount, walkPasswords } from './people.ts';
import type { Templates } from './templates.ts';

/** All servers that it takes to see every page, and what was seen; they still serve what the pages are made of. */
export interface Town extends AsyncDisposable {
  readonly seen: readonly Seen[];
  /** Whatever they answered on the way, and logged. */
  readonly answers: readonly SeenAnswer[];
  readonly logLines: readonly Record<string, unknown>[];
  /** What the mails say. */
  readonly mails: readonly string[];
}

/** `path`: of each issuer. */
export async function openTown(language: string, path: string, templates: Templates): Promise<Town> {
  const album = createAlbum(templates);
  const partner = await startPartner();
  const house = await openHouse(language, album, { host: 'auth.example.com', path });
  const atPlaces = await openHouse(language, album, { host: 'places.example.com', path }, placesWith(partner));
  for (const walk of [walkFlow, walkPasswords, walkAccount, walkFactors, walkErrors, walkBesides]) await walk(house);
  await walkElsewhere(atPlaces, partner);
  const console = await walkConsole(language, album);
  return {
    seen: album.seen,
    answers: album.answers.all,
    logLines: [house.home.server, atPlaces.home.server, console].flatMap(({ logLines }) => logLines),
    mails: house.home.mailbox.mails.map(({ text }) => text.replaceAll(/https?:\S+/g, ' ')),
    async [Symbol.asyncDispose]() {
      await Promise.all([house, atPlaces, console].map((each) => each[Symbol.asyncDispose]()));
      await partner.close();
      album[Symbol.dispose]();
    },
  };
}
