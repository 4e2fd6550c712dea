"""Queues that lose nothing under concurrency, and the redrive of dead letters."""

import functools
import threading
import time
import uuid

from ministack.core.concurrency import esm_wake
from ministack.services import eventbridge, lambda_svc, sqs

# Everything that reads a queue's message list and then replaces or extends it.
# The emulator runs these on its event loop and on poller threads without a
# common lock, so a message sent while another is deleted could vanish.
UNGUARDED = {
    sqs: (
        "_act_send_message",
        "_act_delete_message",
        "_act_delete_message_batch",
        "_act_change_visibility",
        "_act_change_visibility_batch",
        "_act_purge_queue",
        "_expire_retained",
        "_refresh_counts",
        "_collect_msgs",
        "_dlq_sweep",
    ),
    eventbridge: ("_dispatch_to_sqs",),
    lambda_svc: ("_send_ddb_stream_failure_record",),
}

_move_tasks: list[dict] = []


def install() -> None:
    """Apply the patches; before the first request is served."""
    lock = sqs._queues_lock = threading.RLock()
    for module, names in UNGUARDED.items():
        for name in names:
            setattr(module, name, _guarded(getattr(module, name), lock))
    for action, handler in sqs._HANDLERS.items():
        sqs._HANDLERS[action] = getattr(sqs, handler.__name__)
    sqs._HANDLERS["StartMessageMoveTask"] = _guarded(_start_message_move_task, lock)
    sqs._HANDLERS["ListMessageMoveTasks"] = _list_message_move_tasks


def _guarded(function, lock):
    @functools.wraps(function)
    def call(*args, **kwargs):
        with lock:
            return function(*args, **kwargs)

    return call


def _start_message_move_task(data: dict, _url: str) -> dict:
    """Move every visible dead letter back where it came from, as a new message.

    AWS does it in the background; here the task is complete when it returns.
    """
    source_arn = data.get("SourceArn", "")
    source = sqs._queue_by_arn(source_arn)
    if source is None:
        raise sqs._Err("ResourceNotFoundException", "The source queue does not exist.")
    origins = _queues_with_dead_letters_in(source_arn)
    if not origins:
        raise sqs._Err("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.")

    now = time.time()
    kept, moved = [], 0
    for message in source["messages"]:
        origin = data.get("DestinationArn") or message["sys"].get("DeadLetterQueueSourceArn") or origins[0]
        destination = sqs._queue_by_arn(origin)
        if destination is None or message["visible_at"] > now:
            kept.append(message)
            continue
        destination["messages"].append(_as_new_message(message, now))
        moved += 1
    source["messages"] = kept
    esm_wake.set()

    task = {
        "TaskHandle": str(uuid.uuid4()),
        "Status": "COMPLETED",
        "SourceArn": source_arn,
        "ApproximateNumberOfMessagesMoved": moved,
        "ApproximateNumberOfMessagesToMove": moved,
        "StartedTimestamp": int(now * 1000),
    }
    if data.get("DestinationArn"):
        task["DestinationArn"] = data["DestinationArn"]
    _move_tasks.insert(0, task)
    return {"TaskHandle": task["TaskHandle"]}


def _list_message_move_tasks(data: dict, _url: str) -> dict:
    limit = int(data.get("MaxResults") or 1)
    tasks = [task for task in _move_tasks if task["SourceArn"] == data.get("SourceArn")]
    return {"Results": [{k: v for k, v in task.items() if k != "TaskHandle"} for task in tasks[:limit]]}


def _queues_with_dead_letters_in(arn: str) -> list[str]:
    return [
        queue["attributes"]["QueueArn"]
        for _key, queue in sqs._queues.all_items()
        if arn in queue["attributes"].get("RedrivePolicy", "")
    ]


def _as_new_message(message: dict, now: float) -> dict:
    sys_attributes = {
        name: value
        for name, value in message["sys"].items()
        if name != "DeadLetterQueueSourceArn"
    }
    return message | {
        "id": str(uuid.uuid4()),
        "receipt_handle": None,
        "sent_at": now,
        "visible_at": now,
        "receive_count": 0,
        "first_receive_at": None,
        "sys": sys_attributes | {"SentTimestamp": str(int(now * 1000))},
    }
