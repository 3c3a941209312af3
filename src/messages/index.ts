/**
 * All words that people read, in each language, and which language somebody gets. Messages are in files (`en.mf2`, `ko.mf2`,
 * and those that an operator names), one MessageFormat 2 message a key; nothing here knows a page or a request, so that a
 * mail is written with the same words. What a client or a log reads stays English and where it is.
 */

export { checkMessageFile, missingKeys } from './check.ts';
export { chooseLanguage, matchLanguage } from './choose.ts';
export type { Values } from './message.ts';
export { createMessages, type Messages, shippedLanguages, type Text, type Words } from './messages.ts';
