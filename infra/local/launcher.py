"""Runs the local AWS in the foreground: MiniStack, patched, on loopback.

    python launcher.py --port 4566 --state .local/dev
"""

import argparse
import atexit
import importlib.metadata
import os
import pathlib
import sys

PINNED_VERSION = "1.5.33"

# Keeps the emulator from importing, and listening for, what is not used.
SERVICES = (
    "s3,sqs,dynamodb,lambda,iam,sts,secretsmanager,logs,monitoring,events,"
    "apigateway,cloudformation"
)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument("--state", type=pathlib.Path, required=True)
    arguments.add_argument("--functions-endpoint-url", help="where functions find AWS, if not here")
    options = arguments.parse_args()

    version = importlib.metadata.version("ministack")
    if version != PINNED_VERSION:
        raise SystemExit(f"ministack {version} is installed, {PINNED_VERSION} is needed: run make venv")

    _set_environment(options.port, options.state.resolve())
    _serve(options.functions_endpoint_url)


def _set_environment(port: int, state: pathlib.Path) -> None:
    """Replace the inherited environment: nothing of the developer's shell, real
    AWS credentials least of all, may reach the emulator or the functions."""
    scratch = state / "tmp"
    scratch.mkdir(parents=True, exist_ok=True)
    path = os.environ.get("PATH", os.defpath)
    os.environ.clear()
    os.environ.update(
        PATH=path,
        LANG="C.UTF-8",
        TZ="UTC",
        HOME=str(state),
        TMPDIR=str(scratch),
        GATEWAY_PORT=str(port),
        BIND_HOST="127.0.0.1",
        AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}",
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",
        AWS_DEFAULT_REGION="us-east-1",
        SERVICES=SERVICES,
        IOT_MTLS_ENABLED="0",
        SFTP_ENABLED="0",
    )


def _serve(functions_endpoint_url: str | None) -> None:
    # Imported late: the emulator reads the environment when it is imported.
    from ministack import app
    from ministack.core import lambda_runtime

    from patches import alarms, event_sources, metrics, partner_events, queues, runtime_api

    runtime_api.install(functions_endpoint_url)
    queues.install()
    event_sources.install()
    partner_events.install()
    alarms.install()
    metrics.install()
    atexit.register(lambda_runtime.reset)
    sys.argv = ["ministack"]
    app.main()


if __name__ == "__main__":
    main()
