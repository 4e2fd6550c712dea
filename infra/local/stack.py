"""Brings the whole pipeline up on a local AWS, and down again.

    python stack.py up   [--name dev] [--port 4566] [--stripe-api-base URL]
    python stack.py down [--name dev]
    python stack.py env  [--name dev]

Everything about a running stack is in .local/<name>/stack.json. Without a
--stripe-api-base a simulated Stripe is started beside it, and posts what happens
there; it ends with the stack.
"""

import argparse
import json
import os
import pathlib
import platform
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
SIMULATOR = ROOT / "target/debug/stripe-simulator"
LAUNCHER = ROOT / "infra/local/launcher.py"
PARAMETERS = ROOT / "infra/parameters/local.yaml"
SAM = pathlib.Path(sys.executable).with_name("sam")
REGION = "us-east-1"
LOOPBACK = "http://127.0.0.1:"
DEPLOY_BUCKET = "deployments"
ENDPOINTS = ("platform", "connect", "thin")
READY_SECONDS_MAX = 60
STOP_SECONDS_MAX = 15
# A week of a small platform: enough for every command to have something to show,
# posted within a minute.
SIMULATED = ("--seed", "1", "--accounts", "5", "--days", "7", "--recent")


def main() -> None:
    options = parse_arguments()
    options.command(options)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for name, command in (("up", up), ("down", down), ("env", env)):
        sub = commands.add_parser(name)
        sub.set_defaults(command=command)
        sub.add_argument("--name", default="dev", help="which stack; each has its own emulator")
        sub.add_argument("--state-root", type=pathlib.Path, default=ROOT / ".local")
        if command is up:
            sub.add_argument("--port", type=int, default=4566, help="0 takes a free one")
            sub.add_argument("--template", type=pathlib.Path, default=ROOT / "template.yaml")
            sub.add_argument("--stripe-api-base", help="where fetch_object finds a simulated Stripe")
            sub.add_argument("--functions-endpoint-url", help="a proxy before the emulator, for the functions only")
            sub.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE")
    return parser.parse_args()


def up(options: argparse.Namespace) -> None:
    """Start the emulator, or reuse the running one, and deploy to it."""
    state = options.state_root / options.name
    emulator = running(state, "emulator.json", LAUNCHER)
    if emulator is None:
        # A dead emulator kept nothing, so nothing of its state is kept either.
        shutil.rmtree(state, ignore_errors=True)
        state.mkdir(parents=True)
        emulator = start_emulator(state, options.port or free_port(), options.functions_endpoint_url)

    endpoint_url = f"http://127.0.0.1:{emulator['port']}"
    parameters = stack_parameters(options)
    simulator_port = None
    if not options.stripe_api_base:
        simulator_port = port_for_simulator(state, parameters["StripeApiBase"])
        parameters["StripeApiBase"] = f"{LOOPBACK}{simulator_port}"
    outputs = deploy(options.template, state, endpoint_url, parameters)
    signing_secrets, api_key = fill_secrets(endpoint_url, outputs, read_json(state / "stack.json"))
    stack = emulator | {
        "name": options.name,
        "endpoint_url": endpoint_url,
        "region": REGION,
        "webhook_url": f"{endpoint_url}/_aws/execute-api/{outputs['WebhookApiId']}/$default/webhooks/stripe",
        "stripe_api_base": parameters["StripeApiBase"],
        "signing_secrets": signing_secrets,
        "api_key": api_key,
        "outputs": outputs,
    }
    write_json(state / "stack.json", stack)
    if simulator_port and running(state, "simulator.json", SIMULATOR) is None:
        start_simulator(state, simulator_port, stack)
    print(summary(stack, state))


def down(options: argparse.Namespace) -> None:
    """Stop the emulator of a stack; its data goes with it."""
    state = options.state_root / options.name
    simulator = running(state, "simulator.json", SIMULATOR)
    if simulator is not None:
        stop_process(simulator["pid"])
    (state / "simulator.json").unlink(missing_ok=True)
    emulator = running(state, "emulator.json", LAUNCHER)
    if emulator is None:
        print(f"{options.name} is not running")
    else:
        stop_process(emulator["pid"])
        print(f"stopped {options.name}")
    (state / "emulator.json").unlink(missing_ok=True)
    (state / "stack.json").unlink(missing_ok=True)


def env(options: argparse.Namespace) -> None:
    """Print what a shell needs so that AWS tools and `tributary` talk to the stack."""
    stack = read_json(options.state_root / options.name / "stack.json")
    if not stack:
        raise SystemExit(f"{options.name} is not running: make up")
    print(f"export AWS_ENDPOINT_URL={stack['endpoint_url']} AWS_REGION={stack['region']}")
    print("export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test")
    print(f"export PATH={ROOT / 'target/debug'}:$PATH")


# --- the emulator's process ---------------------------------------------------


def running(state: pathlib.Path, record: str, program: pathlib.Path) -> dict | None:
    """The process recorded in `state`, if it is still that program."""
    recorded = read_json(state / record)
    if not recorded:
        return None
    ps = ["ps", "-o", "command=", "-p", str(recorded["pid"])]
    command = subprocess.run(ps, capture_output=True, text=True, check=False).stdout
    return recorded if str(program) in command else None


def start_emulator(state: pathlib.Path, port: int, functions_endpoint_url: str | None) -> dict:
    command = [sys.executable, str(LAUNCHER), "--port", str(port), "--state", str(state)]
    if functions_endpoint_url:
        command += ["--functions-endpoint-url", functions_endpoint_url]
    with (state / "emulator.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    emulator = {"pid": process.pid, "port": port}
    write_json(state / "emulator.json", emulator)
    deadline = time.monotonic() + READY_SECONDS_MAX
    while not is_ready(port):
        if process.poll() is not None:
            raise SystemExit(f"the emulator did not start:\n{(state / 'emulator.log').read_text()}")
        if time.monotonic() > deadline:
            stop_process(process.pid)
            raise SystemExit(f"the emulator was not ready after {READY_SECONDS_MAX} s: see {state}/emulator.log")
        time.sleep(0.05)
    return emulator


def is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_ministack/ready", timeout=5) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


def stop_process(pid: int) -> None:
    """Ask a process to end, then end what is left of its process group."""
    try:
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS_MAX
        while time.monotonic() < deadline and is_alive(pid):
            time.sleep(0.05)
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def is_alive(pid: int) -> bool:
    ps = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return ps.returncode == 0 and not ps.stdout.startswith("Z")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# --- the simulated Stripe -----------------------------------------------------


def port_for_simulator(state: pathlib.Path, wanted: str) -> int:
    """The port of the one that runs, the wanted one, or a free one if that is taken."""
    simulator = running(state, "simulator.json", SIMULATOR)
    if simulator is not None:
        return simulator["port"]
    port = int(wanted.removeprefix(LOOPBACK))
    return free_port() if is_listening(port) else port


def start_simulator(state: pathlib.Path, port: int, stack: dict) -> None:
    signing = [f"{endpoint}={secret}" for endpoint, secret in stack["signing_secrets"].items()]
    flags = [flag for secret in signing for flag in ("--secret", secret)]
    command = [str(SIMULATOR), *SIMULATED, "--port", str(port), "--webhook-url", stack["webhook_url"], *flags]
    with (state / "simulator.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    write_json(state / "simulator.json", {"pid": process.pid, "port": port})
    deadline = time.monotonic() + READY_SECONDS_MAX
    while not is_listening(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"the simulated Stripe did not start:\n{(state / 'simulator.log').read_text()}")
        time.sleep(0.05)


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


# --- the deployment -----------------------------------------------------------


def stack_parameters(options: argparse.Namespace) -> dict:
    import yaml  # like boto3 below, from the same requirements

    parameters = yaml.safe_load(PARAMETERS.read_text()) | {"Architecture": host_architecture()}
    if options.stripe_api_base:
        parameters["StripeApiBase"] = options.stripe_api_base
    parameters |= dict(pair.split("=", 1) for pair in options.parameter)
    if not parameters["StripeApiBase"].startswith(LOOPBACK):
        raise SystemExit(f"a local stack fetches from {LOOPBACK}<port> only, never from Stripe")
    return parameters


def host_architecture() -> str:
    return "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"


def deploy(template: pathlib.Path, state: pathlib.Path, endpoint_url: str, parameters: dict) -> dict:
    """Deploy with the same tool and template as to AWS; returns the outputs."""
    overrides = state / "parameters.yaml"
    write_json(overrides, parameters)  # JSON is YAML, and sam goes by the extension
    client(endpoint_url, "s3").create_bucket(Bucket=DEPLOY_BUCKET)
    arguments = [
        "--template-file", str(template),
        "--stack-name", "tributary",
        "--s3-bucket", DEPLOY_BUCKET,
        "--region", REGION,
        "--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND",
        "--no-confirm-changeset",
        "--no-fail-on-empty-changeset",
        "--no-progressbar",
        "--parameter-overrides", f"file://{overrides}",
    ]  # fmt: skip
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(state),
        "LANG": "C.UTF-8",
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "SAM_CLI_TELEMETRY": "0",
    }
    with (state / "deploy.log").open("wb") as log:
        deployed = subprocess.run(
            [str(SAM), "deploy", *arguments],
            cwd=template.resolve().parent, env=environment, stdin=subprocess.DEVNULL,
            stdout=log, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
    if deployed.returncode != 0:
        raise SystemExit(f"the deployment failed:\n{(state / 'deploy.log').read_text()}")
    stacks = client(endpoint_url, "cloudformation").describe_stacks(StackName="tributary")["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stacks[0]["Outputs"]}


def fill_secrets(endpoint_url: str, outputs: dict, previous: dict) -> tuple[dict, str]:
    """Put what an operator would put: made-up secrets, kept across deployments."""
    signing_secrets = previous.get("signing_secrets") or {
        endpoint: f"whsec_{secrets.token_hex(16)}" for endpoint in ENDPOINTS
    }
    api_key = previous.get("api_key") or f"rk_live_{secrets.token_hex(12)}"
    manager = client(endpoint_url, "secretsmanager")
    for endpoint, secret in signing_secrets.items():
        manager.put_secret_value(
            SecretId=outputs[f"{endpoint.capitalize()}SigningSecretId"],
            SecretString=json.dumps({"signing_secrets": [secret]}),
        )
    manager.put_secret_value(
        SecretId=outputs["StripeApiKeySecretId"], SecretString=json.dumps({"api_key": api_key})
    )
    return signing_secrets, api_key


def client(endpoint_url: str, service: str):
    import boto3  # comes with aws-sam-cli; half a second that `down` need not pay

    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
    return session.client(service, endpoint_url=endpoint_url)


# --- what is left behind ------------------------------------------------------


def read_json(path: pathlib.Path) -> dict:
    return json.loads(path.read_text()) if path.exists() else {}


def write_json(path: pathlib.Path, value: dict) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n")


def summary(stack: dict, state: pathlib.Path) -> str:
    secret = stack["signing_secrets"]["platform"]
    return f"""\
{stack["name"]} is up: {stack["endpoint_url"]} (pid {stack["pid"]}, log {state / "emulator.log"})
webhooks: {stack["webhook_url"]}/{{platform,connect,thin}}
fetches:  {stack["stripe_api_base"]}, a simulated Stripe (log {state / "simulator.log"})

Look around:  eval "$(make -s env NAME={stack["name"]})"; tributary status

Post a signed event:

  body='{{"id":"evt_1","object":"event","api_version":"2026-06-30.basil","created":1767225600,"livemode":false,"type":"ping","data":{{"object":{{"id":"ping_1","object":"ping"}}}}}}'
  t=$(date +%s)
  v1=$(printf '%s.%s' "$t" "$body" | openssl dgst -sha256 -hmac '{secret}' -r | cut -d' ' -f1)
  curl -i -H "Stripe-Signature: t=$t,v1=$v1" -H 'Content-Type: application/json' --data-binary "$body" '{stack["webhook_url"]}/platform'
"""


if __name__ == "__main__":
    main()
