"""An app on the MCP Python SDK, or on FastMCP: tools to call come line by line, and so does the URL of the callback."""

import asyncio
import json
import sys
import webbrowser
from urllib.parse import parse_qs, urlsplit


def say(**what):
    print(json.dumps(what), flush=True)


async def hear():
    return (await asyncio.to_thread(sys.stdin.readline)).strip()


def connect_sdk(url, port):
    import httpx2
    from mcp import Client
    from mcp.client.auth import OAuthClientProvider
    from mcp.client.auth.oauth2 import AuthorizationCodeResult
    from mcp.client.streamable_http import streamable_http_client
    from mcp.shared.auth import OAuthClientMetadata

    class Storage:
        tokens = client = None

        async def get_tokens(self):
            return self.tokens

        async def set_tokens(self, tokens):
            self.tokens = tokens

        async def get_client_info(self):
            return self.client

        async def set_client_info(self, client):
            self.client = client

    async def redirect(visit):
        say(visit=visit)

    async def callback():
        query = parse_qs(urlsplit(await hear()).query)
        return AuthorizationCodeResult(code=query["code"][0], state=query["state"][0], iss=query["iss"][0])

    metadata = OAuthClientMetadata(client_name="Editor", redirect_uris=[f"http://127.0.0.1:{port}/callback"])
    auth = OAuthClientProvider(url, metadata, Storage(), redirect, callback)
    return Client(streamable_http_client(url, http_client=httpx2.AsyncClient(auth=auth, timeout=30)))


def connect_fastmcp(url, port):
    from fastmcp import Client
    from fastmcp.client.auth import OAuth

    # It listens at its redirect URI itself, at the port of its choice only until somebody else takes it.
    webbrowser.open = lambda visit, *_: say(visit=visit) or True
    return Client(url, auth=OAuth(callback_port=port))


async def main(library, url, port):
    async with {"mcp": connect_sdk, "fastmcp": connect_fastmcp}[library](url, int(port)) as client:
        say(connected=True)
        while line := await hear():
            call = json.loads(line)
            result = await client.call_tool(call["name"], call["arguments"])
            say(result=result.structured_content)


asyncio.run(main(*sys.argv[1:]))
