"""Metrics as CloudWatch has them: those in what functions log, and the depths and ages
of queues; and alarms that are evaluated by dimension, period and expression.

AWS evaluates an alarm every minute; here it is done whenever somebody asks for alarms.
An alarm without data keeps the state that it was given (SetAlarmState).
"""

import ast
import json
import operator
import time

from ministack.services import cloudwatch, lambda_svc, sqs

OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
COMPARISONS = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
EVALUATED = "Threshold Crossed: "


def install() -> None:
    """Apply the patches; before the first function runs."""
    _extract_embedded_metrics()
    cloudwatch._evaluate_alarm = evaluate
    describe = cloudwatch._describe_alarms

    def describe_evaluated(*arguments):
        _record_queues()
        cloudwatch._evaluate_all_alarms()
        return describe(*arguments)

    cloudwatch._describe_alarms = describe_evaluated


def _extract_embedded_metrics() -> None:
    emit = lambda_svc._emit_lambda_logs

    def emit_with_metrics(function, request_id, log_text, *arguments, **options):
        for line in (log_text or "").splitlines():
            if '"_aws"' in line:
                _record_embedded(line)
        return emit(function, request_id, log_text, *arguments, **options)

    lambda_svc._emit_lambda_logs = emit_with_metrics


def _record_embedded(line: str) -> None:
    try:
        document = json.loads(line)
        for directive in document["_aws"]["CloudWatchMetrics"]:
            for names in directive["Dimensions"]:
                dimensions = {name: document[name] for name in names}
                for metric in directive["Metrics"]:
                    cloudwatch.record_metric(
                        directive["Namespace"], metric["Name"], document[metric["Name"]], metric["Unit"], dimensions
                    )
    except (KeyError, TypeError, ValueError):
        return  # CloudWatch skips what it cannot read, too


def _record_queues() -> None:
    now = time.time()
    for _key, queue in sqs._queues.all_items():
        visible = [message["sent_at"] for message in queue["messages"] if message["visible_at"] <= now]
        dimensions = {"QueueName": queue["attributes"]["QueueArn"].rsplit(":", 1)[1]}
        cloudwatch.record_metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", len(visible), "Count", dimensions)
        age = now - min(visible, default=now)
        cloudwatch.record_metric("AWS/SQS", "ApproximateAgeOfOldestMessage", age, "Seconds", dimensions)


def evaluate(alarm: dict) -> None:
    """Move an alarm to the state that its metric says, if there is any data."""
    period, periods = alarm["Period"], alarm["EvaluationPeriods"]
    now = time.time()
    values = [_value(alarm, now - (i + 1) * period, now - i * period) for i in range(periods)]
    if all(value is None for value in values) and not alarm["StateReason"].startswith(EVALUATED):
        return
    breaching = COMPARISONS[alarm["ComparisonOperator"]]
    missing = alarm.get("TreatMissingData") == "breaching"
    hits = [missing if value is None else breaching(value, alarm["Threshold"]) for value in values]
    state = "ALARM" if sum(hits) >= alarm.get("DatapointsToAlarm", periods) else "OK"
    before = alarm["StateValue"]
    if state != before:
        reason = f"{EVALUATED}{values} {alarm['ComparisonOperator']} {alarm['Threshold']}"
        alarm |= {"StateValue": state, "StateReason": reason, "StateUpdatedTimestamp": int(now)}
        cloudwatch._record_history(alarm["AlarmName"], before, state, reason)
        cloudwatch._evaluate_parent_alarms(alarm)


def _value(alarm: dict, start: float, end: float) -> float | None:
    metrics = alarm.get("Metrics")
    if not metrics:
        return _statistic(alarm, alarm.get("ExtendedStatistic") or alarm["Statistic"], start, end)
    known = {
        metric["Id"]: _statistic(metric["MetricStat"]["Metric"], metric["MetricStat"]["Stat"], start, end)
        for metric in metrics
        if "MetricStat" in metric
    }
    expression = next(metric["Expression"] for metric in metrics if "Expression" in metric)
    try:
        return _calculate(ast.parse(expression, mode="eval").body, known)
    except (TypeError, ZeroDivisionError):
        return None


def _statistic(metric: dict, name: str, start: float, end: float) -> float | None:
    wanted = {dimension["Name"]: dimension["Value"] for dimension in metric.get("Dimensions") or []}
    key = (metric["Namespace"], metric["MetricName"], cloudwatch._dims_key(wanted))
    points = [point for point in cloudwatch._metrics.get(key) or [] if start < point["Timestamp"] <= end]
    return cloudwatch._stat_value(cloudwatch._calc_stats(points), name, points) if points else None


def _calculate(node: ast.expr, known: dict):
    """A value of metric math, as far as template alarms use it; `None` without data."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return known[name]
        case ast.BinOp(left=left, op=op, right=right):
            return OPERATORS[type(op)](_calculate(left, known), _calculate(right, known))
        case ast.Call(func=ast.Name(id="SUM"), args=[ast.Call(func=ast.Name(id="METRICS"))]):
            values = [value for value in known.values() if value is not None]
            return sum(values) if values else None
    raise SystemExit(f"metric math that this emulator cannot do: {ast.unparse(node)}")
