from xml.etree import ElementTree

from bench.commands.charts import peers_charts, svg


def test_a_chart_is_well_formed_and_names_every_bar() -> None:
    text = svg("Title <1>", "unit", [("ours & theirs", 12.5, True), ("none", 0.0, False)])
    words = [item.text for item in ElementTree.fromstring(text).iter() if item.text]
    assert {"Title <1>", "ours & theirs", "12.5", "0.0"} <= set(words)


def test_without_results_there_are_no_charts() -> None:
    assert peers_charts({}) == []
