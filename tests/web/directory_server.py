"""A real OpenID provider on this machine, for tests: discovery, code flow with PKCE, signed tokens."""

from __future__ import annotations

import base64
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from touchstone.kernel.time import SystemClock

CLIENT, SECRET = "touchstone", "a secret both sides share"


@dataclass
class Directory:
    """The bank's directory: who is at the keyboard, and how he proved it.

    Attributes:
        claims: what it says of whoever logs in next.
        audience: whom its tokens are for.
        codes: code -> what the authorisation request asked.
    """

    url: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    audience: str = CLIENT
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    key: Any = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    def document(self) -> dict[str, Any]:
        """What the provider says of itself."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
        }

    def token(self, asked: dict[str, str]) -> dict[str, Any]:
        """The tokens for a code that was asked for so."""
        now = int(SystemClock().now().timestamp())
        said = {"iss": self.url, "aud": self.audience, "iat": now, "exp": now + 300}
        identity = jwt.encode(
            {**said, **self.claims}, self.key, algorithm="RS256", headers={"kid": "one"}
        )
        return {"access_token": "access", "token_type": "Bearer", "id_token": identity}

    def exchanged(self, sent: dict[str, str]) -> dict[str, Any] | None:
        """Tokens for a code; each code once, with the verifier of its challenge and our secret."""
        asked = self.codes.pop(sent.get("code", ""), None)
        verifier = sha256(sent.get("code_verifier", "").encode()).digest()
        proved = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        if (
            asked is None
            or proved != asked.get("code_challenge")
            or sent.get("client_secret") != SECRET
            or sent.get("redirect_uri") != asked["redirect_uri"]
        ):
            self.refused.append(json.dumps(sent))
            return None
        return self.token(asked)


@contextmanager
def directory_server() -> Iterator[Directory]:
    """The provider, served until the block ends."""
    served = Directory()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place = urlsplit(self.path)
            if place.path == "/.well-known/openid-configuration":
                return self._say(served.document())
            if place.path == "/keys":
                shown = jwt.algorithms.RSAAlgorithm.to_jwk(served.key.public_key(), as_dict=True)
                return self._say({"keys": [{**shown, "kid": "one", "use": "sig", "alg": "RS256"}]})
            if place.path == "/userinfo":
                known = ("sub", "preferred_username", "name")
                return self._say({k: served.claims[k] for k in known if k in served.claims})
            asked = {name: values[0] for name, values in parse_qs(place.query).items()}
            code = secrets.token_urlsafe(16)
            served.codes[code] = asked
            query = urlencode({"code": code, "state": asked["state"]})
            self.send_response(302)
            self.send_header("Location", f"{asked['redirect_uri']}?{query}")
            self.end_headers()
            return None

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            found = served.exchanged({name: values[0] for name, values in parse_qs(body).items()})
            self._say(found or {"error": "invalid_grant"}, 200 if found else 400)

        def _say(self, what: dict[str, Any], status: int = 200) -> None:
            content = json.dumps(what).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
