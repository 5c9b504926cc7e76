"""At its start a server reports a certificate that clients will refuse."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from structlog.testing import capture_logs

from gameserver.service.config.settings import Settings
from gameserver.service.server import Server
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import Skirmish


async def test_an_expired_certificate_is_logged(tmp_path: Path) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    issued = trustme.CA().issue_cert("localhost", not_after=yesterday)
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    issued.cert_chain_pems[0].write_to_path(certificate)
    issued.private_key_pem.write_to_path(key)
    field = map_from_rows(*["." * 16] * 16)
    with capture_logs() as lines:
        Server(
            Settings(tls_cert=str(certificate), tls_key=str(key)), Skirmish(), {field.name: field}
        )
    assert lines == [
        {
            "event": "certificate problem",
            "log_level": "warning",
            "file": str(certificate),
            "problem": "clients refuse it: certificate has expired",
        }
    ]
