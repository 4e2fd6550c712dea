"""Alarms of a template that MiniStack does not take: of metric math and of other
alarms; and saved queries, of which only the names are kept."""

from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

# What the emulator's record of an alarm needs, and an alarm of metric math lacks.
OF_NO_METRIC = {"Namespace": "metric-math", "MetricName": "metric-math"}


def install() -> None:
    """Apply the patches; before the first deployment."""
    _take_metric_math()
    handlers = provisioners._RESOURCE_HANDLERS
    handlers["AWS::CloudWatch::CompositeAlarm"] = {
        "create": lambda _logical_id, properties, _stack: _put_composite(properties),
        "update": lambda _id, _old, properties, _stack: _put_composite(properties),
        "delete": lambda name, _properties: cloudwatch._composite_alarms.pop(name, None),
    }
    handlers["AWS::Logs::QueryDefinition"] = {
        "create": lambda _logical_id, properties, _stack: (properties["Name"], {}),
        "update": lambda _id, _old, properties, _stack: (properties["Name"], {}),
        "delete": lambda _id, _properties: None,
    }


def _take_metric_math() -> None:
    record = provisioners._cw_metric_alarm_record

    def record_with_metrics(name: str, properties: dict) -> dict:
        metrics = properties.get("Metrics")
        if not metrics:
            return record(name, properties)
        alarm = record(name, {key: value for key, value in properties.items() if key != "Metrics"} | OF_NO_METRIC)
        periods = [metric["MetricStat"]["Period"] for metric in metrics if "MetricStat" in metric]
        return alarm | {"Metrics": metrics, "Period": int(periods[0])}

    provisioners._cw_metric_alarm_record = record_with_metrics


def _put_composite(properties: dict) -> tuple[str, dict]:
    status, _headers, body = cloudwatch._put_composite_alarm({}, properties, False, True)[:3]
    if status != 200:
        raise ValueError(body)
    name = properties["AlarmName"]
    return name, {"Arn": cloudwatch._composite_alarms[name]["AlarmArn"]}
