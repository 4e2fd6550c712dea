"""Event source mappings that behave as Lambda's do.

MiniStack takes numbers given through template parameters as text, and shows them so,
counts a stream batch with reported item failures as delivered, and retries a
failing stream batch without end.
"""

import time

from ministack.services import lambda_svc

# Short, because stream retries run on the emulator's only poller thread.
BACKOFF_SECONDS = 0.1
NUMBERS = {
    "BatchSize",
    "MaximumBatchingWindowInSeconds",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "ParallelizationFactor",
}


def install() -> None:
    """Apply the patches; before the first event source mapping is polled."""
    _read_concurrency_as_number()
    _show_numbers_as_numbers()
    _deliver_stream_batches_record_by_record()


def _read_concurrency_as_number() -> None:
    concurrency = lambda_svc._sqs_esm_concurrency

    def numeric_concurrency(mapping, *args):
        scaling = mapping.get("ScalingConfig") or {}
        if "MaximumConcurrency" in scaling:
            scaling["MaximumConcurrency"] = int(scaling["MaximumConcurrency"])
        return concurrency(mapping, *args)

    lambda_svc._sqs_esm_concurrency = numeric_concurrency


def _show_numbers_as_numbers() -> None:
    """The Rust SDK refuses an answer that writes them as text."""
    respond = lambda_svc._esm_response

    def numeric(mapping):
        shown = respond(mapping)
        for name in NUMBERS & shown.keys():
            shown[name] = int(shown[name])
        return shown

    lambda_svc._esm_response = numeric


def _deliver_stream_batches_record_by_record() -> None:
    """Retry from the first failed record on, halve a batch whose function fails
    as a whole, and dead-letter what keeps failing one record at a time."""
    execute = lambda_svc._execute_function

    def execute_stream_batch(function, event, *args, **kwargs):
        records = event.get("Records") if isinstance(event, dict) else None
        if not records or records[0].get("eventSource") != "aws:dynamodb":
            return execute(function, event, *args, **kwargs)
        mapping = _mapping(function, records[0]["eventSourceARN"])
        return _deliver(execute, function, mapping, records)

    lambda_svc._execute_function = execute_stream_batch


def _deliver(execute, function: dict, mapping: dict, records: list) -> dict:
    """Deliver `records` in order; every one is acknowledged or dead-lettered."""
    retries = int(mapping.get("MaximumRetryAttempts", -1))
    retries_left = retries
    while records:
        result = execute(function, {"Records": records})
        if result.get("error") and len(records) > 1:
            middle = len(records) // 2
            _deliver(execute, function, mapping, records[:middle])
            return _deliver(execute, function, mapping, records[middle:])

        done = _acknowledged(result, records)
        if not done and retries_left == 0:
            _dead_letter(function, mapping, records[0], result)
            done = 1
        if done:
            records, retries_left = records[done:], retries
        else:
            retries_left -= 1
            time.sleep(BACKOFF_SECONDS)
    return {"body": {"batchItemFailures": []}, "log": result.get("log", "")}


def _dead_letter(function: dict, mapping: dict, record: dict, result: dict) -> None:
    lambda_svc._send_ddb_stream_failure_record(
        mapping, function, [record], mapping["EventSourceArn"], result, "RetryAttemptsExhausted"
    )


def _acknowledged(result: dict, records: list) -> int:
    """How many leading records the function is done with."""
    if result.get("error"):
        return 0
    body = result.get("body")
    failures = body.get("batchItemFailures") if isinstance(body, dict) else None
    failed = {failure.get("itemIdentifier") for failure in failures or []}
    for index, record in enumerate(records):
        if record["dynamodb"]["SequenceNumber"] in failed:
            return index
    # Lambda fails the whole batch when it does not know a reported identifier.
    return 0 if failed else len(records)


def _mapping(function: dict, source_arn: str) -> dict:
    name = (function.get("config") or function)["FunctionName"]
    for _account, _region, mapping in lambda_svc._iter_all_esms():
        if mapping["FunctionName"] == name and mapping["EventSourceArn"] == source_arn:
            return mapping
    return {"EventSourceArn": source_arn}
