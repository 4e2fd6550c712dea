"""Functions answer as fast as they run, in an environment like Lambda's."""

import os

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

# Waiting for the first log line after an answer: the default of 50 ms is paid
# by every invocation that logs nothing. A later line joins the next tail.
FIRST_LOG_LINE_WAIT_SECONDS = 0.002

# Variables Lambda itself gives a function, besides the AWS_* ones.
LAMBDA_VARIABLES = {"PATH", "LANG", "TZ", "LAMBDA_TASK_ROOT", "_HANDLER"}


def install(endpoint_url: str | None) -> None:
    """Apply the patches; before the first function starts. Functions find AWS at
    `endpoint_url`, or at the emulator; the bucket always at the emulator."""
    _disable_nagle()
    _shorten_log_wait()
    _hide_launcher_environment(endpoint_url)


def _disable_nagle() -> None:
    """Send an event at once: headers and body are two small writes, and Nagle
    holds the second back for the 40 ms of a delayed acknowledgement."""
    build = lambda_runtime.ProvidedWorker._build_handler_class

    def build_without_nagle(self, generation, pending):
        handler = build(self, generation, pending)
        handler.disable_nagle_algorithm = True
        return handler

    lambda_runtime.ProvidedWorker._build_handler_class = build_without_nagle


def _shorten_log_wait() -> None:
    drain = lambda_runtime.ProvidedWorker._drain_stderr_bounded

    def drain_soon(self, first_line_wait=FIRST_LOG_LINE_WAIT_SECONDS, **bounds):
        return drain(self, first_line_wait=first_line_wait, **bounds)

    lambda_runtime.ProvidedWorker._drain_stderr_bounded = drain_soon


def _hide_launcher_environment(endpoint_url: str | None) -> None:
    """Give a function what its template and Lambda give it, nothing else, so
    that a variable missing from the template is missing here too."""
    build = lambda_svc._provided_worker_env

    def build_clean(config, code_dir, port):
        given = (config.get("Environment") or {}).get("Variables") or {}
        variables = {
            name: value
            for name, value in build(config, code_dir, port).items()
            if name in given or name in LAMBDA_VARIABLES or name.startswith("AWS_")
        }
        if endpoint_url:
            variables |= {
                "AWS_ENDPOINT_URL": endpoint_url,
                "AWS_ENDPOINT_URL_S3": variables["AWS_ENDPOINT_URL"],
            }
        return variables

    lambda_svc._provided_worker_env = build_clean
    if not os.environ.get("AWS_ENDPOINT_URL"):
        raise SystemExit("AWS_ENDPOINT_URL is not set: functions would call real AWS")
