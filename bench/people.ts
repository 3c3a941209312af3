/** Who signs in. Each has one organization, so that there is nothing to choose. */
export const people = 32; // accounts that exist; each concurrent client signs in as one of its own
export const emailOf = (person: number) => `person-${person}@example.com`;
export const password = 'the password of everybody';

/** What is asked for, and granted, on every side. */
export const scope = 'project:read project:create table:read table:data:read';
