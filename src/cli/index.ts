/**
 * The operator's command line: a table of commands on the configured store, beside a running server.
 *
 * It speaks to the same directory and connections as the service, composed in the same place, so that gateways are told
 * of what ends here as of what ends on a page. `check-console` asks a console what the server would ask it, `config check`
 * says what is wrong or missing in the configuration. Passwords come on standard input, never as arguments.
 */
export { checkConfig } from './check-config.ts';
export { checkConsole } from './check-console.ts';
