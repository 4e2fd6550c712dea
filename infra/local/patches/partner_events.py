"""Partner events that arrive: MiniStack accepts them and drops them."""

from ministack.services import eventbridge


def install() -> None:
    """Apply the patch; before the first request is served."""
    eventbridge._put_partner_events = _put_partner_events


def _put_partner_events(data: dict):
    """Deliver each event to the bus that carries its source's name."""
    entries = [entry | {"EventBusName": entry["Source"]} for entry in data.get("Entries", [])]
    return eventbridge._put_events({"Entries": entries}, allow_aws_source=True)
