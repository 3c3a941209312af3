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
  /** What the mails say. */
  readonly mails: readonly string[];
}

export async function openTown(language: string, templates: Templates): Promise<Town> {
  const album = createAlbum(templates);
  const partner = await startPartner();
  const house = await openHouse(language, album);
  const atPlaces = await openHouse(language, album, placesWith(partner));
  for (const walk of [walkFlow, walkPasswords, walkAccount, walkFactors, walkErrors]) await walk(house);
  await walkElsewhere(atPlaces, partner);
  const console = await walkConsole(language, album);
  return {
    seen: album.seen,
    mails: house.home.mailbox.mails.map(({ text }) => text.replaceAll(/https?:\S+/g, ' ')),
    async [Symbol.asyncDispose]() {
      await Promise.all([house, atPlaces, console].map((each) => each[Symbol.asyncDispose]()));
      await partner.close();
    },
  };
}
