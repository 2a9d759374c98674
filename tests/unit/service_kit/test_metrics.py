"""Counters, which are read when metrics are."""

from dangol_service_kit.metrics import Metrics


def test_a_counter_adds_by_labels_whatever_their_order() -> None:
    """Told as a total for each, and from the beginning where it begins with nothing."""
    metrics = Metrics("shop", listen="127.0.0.1:0")
    calls = metrics.counter("dangol.calls", "Calls.")
    metrics.counter("dangol.refused", "Refusals.").add(0)
    calls.add(1, {"status": "OK", "method": "Get"})
    calls.add(2, {"method": "Get", "status": "OK"})
    calls.add(5, {"status": "ABORTED", "method": "Get"})
    _, text = metrics.expose()
    samples = [line for line in text.decode().splitlines() if not line.startswith("#")]
    expected = {
        'dangol_calls_total{method="Get",status="OK"} 3.0',
        'dangol_calls_total{method="Get",status="ABORTED"} 5.0',
        "dangol_refused_total 0.0",
    }
    assert expected == {line for line in samples if line.startswith(("dangol_c", "dangol_r"))}


def test_a_counter_is_read_again_and_again() -> None:
    """A total is not what came since it was last read."""
    metrics = Metrics("shop", listen="127.0.0.1:0")
    calls = metrics.counter("dangol.calls", "Calls.")
    for expected in (b"dangol_calls_total 1.0", b"dangol_calls_total 2.0"):
        calls.add(1)
        assert expected in metrics.expose()[1]
