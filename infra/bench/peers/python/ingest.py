"""ingest_webhook as one would write it for Python: Stripe's library verifies, boto3
sends. The same requests to AWS, the same message and the same answers as ours."""

import base64
import hashlib
import json
import os

import boto3
import stripe

QUEUE_URL = os.environ["EVENTS_QUEUE_URL"]

_session = boto3.session.Session()
_sqs = _session.client("sqs")


def _read_secrets():
    """`name=secret,...` as in template.yaml, with the secrets read."""
    manager = _session.client("secretsmanager")
    secrets = {}
    for pair in os.environ["STRIPE_ENDPOINTS"].split(","):
        endpoint, secret_id = pair.split("=")
        text = manager.get_secret_value(SecretId=secret_id)["SecretString"]
        secrets[endpoint] = json.loads(text)["signing_secrets"]
    return secrets


# During INIT, where Lambda does not throttle the CPU.
_secrets = _read_secrets()
_sqs.get_queue_attributes(QueueUrl=QUEUE_URL, AttributeNames=["QueueArn"])


def _fingerprint(*parts):
    """The first 128 bits of the SHA-256 of parts, each behind its length."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()[:32]


def _traceparent(event_id):
    event_id = event_id.encode()
    span = _fingerprint(b"span", event_id)[:16]
    return f"00-{_fingerprint(b'trace', event_id)}-{span}-01"


def _answer(status, result):
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json"},
        "body": json.dumps({"result": result}, separators=(",", ":")),
    }


def _verified(body, signature, candidates):
    """The event, if one of the secrets signed the body; otherwise nothing."""
    for secret in candidates:
        try:
            return stripe.Webhook.construct_event(body, signature, secret)
        except stripe.SignatureVerificationError:
            continue
    return None


def _attribute(text):
    return {"DataType": "String", "StringValue": text}


def handler(request, _context):
    endpoint = (request.get("pathParameters") or {}).get("endpoint")
    if endpoint not in _secrets:
        return _answer(404, "not_found")
    if request["requestContext"]["http"]["method"] != "POST":
        return _answer(405, "method_not_allowed")
    signature = request["headers"].get("stripe-signature")
    if signature is None:
        return _answer(400, "header_missing")
    body = request["body"].encode()
    if request.get("isBase64Encoded"):
        body = base64.b64decode(body)
    event = _verified(body, signature, _secrets[endpoint])
    if event is None:
        return _answer(400, "mismatch")
    account = getattr(event, "account", None) or "platform"
    _sqs.send_message(
        QueueUrl=QUEUE_URL,
        MessageBody=body.decode(),
        MessageGroupId=f"live:{account}" if event.livemode else "test",
        MessageAttributes={
            "kind": _attribute("event"),
            "traceparent": _attribute(_traceparent(event.id)),
            "endpoint": _attribute(endpoint),
        },
    )
    return _answer(200, "queued")
