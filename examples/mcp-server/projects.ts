export interface Project {
  readonly id: string;
  readonly name: string;
}

export interface Projects {
  list(organizationId: string): readonly Project[];
  create(organizationId: string, name: string): Project;
}

const MOST_PROJECTS = 100; // a demonstration that is left running must not fill the memory

/** Made-up projects, each organization its own, forgotten when the process ends. */
export function createProjects(): Projects {
  const byOrganization = new Map<string, Project[]>();

  function projectsOf(organizationId: string): Project[] {
    const known = byOrganization.get(organizationId) ?? [
      { id: 'project-1', name: 'Website' },
      { id: 'project-2', name: 'Mobile app' },
    ];
    byOrganization.set(organizationId, known);
    return known;
  }

  return {
    list: (organizationId) => [...projectsOf(organizationId)],
    create(organizationId, name) {
      const projects = projectsOf(organizationId);
      if (projects.length >= MOST_PROJECTS)
        throw new Error(`An organization has at most ${MOST_PROJECTS} projects here`);
      const project = { id: `project-${projects.length + 1}`, name };
      projects.push(project);
      return project;
    },
  };
}
