"""Counted calls become a bill."""

import pytest

from infra.cost import NAMES, bill


def test_a_bill_prices_what_was_counted():
    found = bill({"ddb_wru": 40, "ses_out": 2, "lambda_request": 10, "calls": 7})
    assert {line.key: line.units for line in found.lines} == {
        "lambda_request": 10,
        "ddb_wru": 40,
        "ses_out": 2,
    }
    assert found.usd == pytest.approx(40 * 6.25e-7 + 2e-4 + 2e-6)
    assert found.usd_without_mail == pytest.approx(found.usd - 2e-4)


def test_every_meter_has_a_price():
    assert bill(dict.fromkeys(NAMES, 1)).usd > 0
