"""GraphiQL's page on the development stack."""

import pytest
from dangol_dev.stack import graphiql_assets
from gateway_service.graphiql import ASSETS, examples, page
from gateway_service.schema import SCHEMA_FILE
from graphql import OperationDefinitionNode, build_schema, parse, validate

SCHEMA = build_schema(SCHEMA_FILE.read_text())


@pytest.mark.parametrize("query", examples())
def test_an_example_fits_the_schema(query: str) -> None:
    """Each tab opens with one named operation that the schema can answer."""
    document = parse(query)
    assert [] == validate(SCHEMA, document)
    (operation,) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    assert operation.name is not None


def test_the_page_is_complete() -> None:
    """Every place is filled, and nothing in it can end its script."""
    html = page(None)
    assert "{{" not in html
    assert html.count("</script>") == 4


def test_the_development_stack_asks_no_other_host() -> None:
    """All scripts come from the installed package."""
    assets = graphiql_assets()
    assert [] == [name for name in ASSETS if not (assets / name).is_file()]
    assert "https://" not in page(assets)
