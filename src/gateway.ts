/** The gateway kit, for those who have installed the server: `bkend-mcp-auth/gateway` is `@bkend/mcp-gateway`. */
export * from '@bkend/mcp-gateway';
