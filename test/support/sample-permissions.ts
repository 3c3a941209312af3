import type { ConsentPage } from '../../src/interactions/pages.ts';

export function permissionGroups(sentence: string): ConsentPage['groups'] {
  const permission = (scope: string, text: string, destructive = false) => ({
    scope,
    sentence: text,
    ticked: true,
    destructive,
  });
  return [
    {
      name: 'Project',
      summary: 'read, create, delete',
      destructive: true,
      permissions: [
        permission('project:read', 'See your projects and their settings.'),
        permission('project:create', 'Create projects.'),
        permission('project:delete', 'Delete projects with everything in them.', true),
      ],
    },
    {
      name: 'Environment',
      summary: 'read',
      destructive: false,
      permissions: [permission('environment:read', sentence)],
    },
    {
      name: 'Table schema',
      summary: 'read, create, update',
      destructive: false,
      permissions: [
        permission('table:read', 'See tables and their columns.'),
        permission('table:create', 'Create tables.'),
        permission('table:update', 'Change tables: columns, indexes and access rules.'),
      ],
    },
    {
      name: 'Table data',
      summary: 'read, create, update',
      destructive: false,
      permissions: [
        permission('table:data:read', 'Read the rows of your tables.'),
        permission('table:data:create', 'Add rows.'),
        permission('table:data:update', 'Change rows.'),
      ],
    },
  ];
}
