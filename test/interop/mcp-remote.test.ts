import { connectAndRenew, mindDeclining } from './connects-and-renews.ts';

connectAndRenew('mcp-remote');
mindDeclining('mcp-remote');
