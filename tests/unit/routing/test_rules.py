"""Which rule decides about a ticket, and what it says why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.domain.decision import decide
from services.routing.domain.defaults import RULES
from services.routing.domain.rules import Asked, Rule, choose, in_order

VIP = Rule(name="board", team="workplace", category="hardware", senders=("board.example",))


@pytest.fixture(scope="session")
def matched(opened):
    def match(subject="", text="", rules=None, **more):
        asked = Asked(opened(subject, text, **more).ticket, text)
        return choose(asked, in_order(RULES, {}) if rules is None else rules)

    return match


EXAMPLES = [
    ("service-desk", "access", "Forgot my password", "Please reset it"),
    ("service-desk", "access", "Account locked", ""),
    ("service-desk", "access", "我的账号被锁定", "输错三次"),
    ("service-desk", "access", "忘记密码", ""),
    ("service-desk", "email", "Mailbox full", "Outlook says my mailbox has no space"),
    ("service-desk", "email", "收不到邮件", "从昨天开始"),
    ("workplace", "hardware", "Screen flickers", "My docking station makes noise"),
    ("workplace", "hardware", "键盘坏了", ""),
    ("workplace", "software", "Please install Visio", "on my laptop"),
    ("workplace", "software", "Excel crashes", ""),
    ("workplace", "software", "申请安装软件", ""),
    ("workplace", "mobile", "iPhone lost", "left in a taxi"),
    ("workplace", "mobile", "Phone does not ring", ""),
    ("workplace", "mobile", "手机丢了", ""),
    ("workplace", "printing", "Printer jammed", "third floor"),
    ("workplace", "printing", "三楼打印机卡纸", ""),
    ("network", "network", "VPN does not connect", "since this morning"),
    ("network", "network", "Wi-Fi slow", "in the meeting room"),
    ("network", "network", "办公室网络很慢", ""),
    ("applications", "applications", "SAP order stuck", ""),
    ("applications", "applications", "报销系统打不开", "财务系统"),
    ("infrastructure", "infrastructure", "Database server down", ""),
    ("infrastructure", "infrastructure", "服务器宕机", ""),
    ("security", "security", "Suspicious mail", "It wants my password"),
    ("security", "security", "收到钓鱼邮件", ""),
    ("service-desk", "inquiry", "How do I book a holiday?", ""),
    ("service-desk", "inquiry", "请问放假安排", ""),
    ("facilities", "facilities", "Meeting room has no chairs", ""),
    ("facilities", "facilities", "会议室空调不制冷", ""),
]


@pytest.mark.parametrize(("team", "category", "subject", "text"), EXAMPLES)
def test_rte_02_the_default_rules_know_the_twelve_categories(
    matched, team, category, subject, text
):
    found = matched(subject, text)
    assert (found.team, found.category) == (team, category)


def test_rte_02_every_category_has_an_example_in_both_languages():
    categories = {rule.category for rule in RULES.values()}
    assert len(categories) == 12
    assert {rule.team for rule in RULES.values()} == {
        "service-desk",
        "workplace",
        "network",
        "applications",
        "infrastructure",
        "security",
        "facilities",
    }
    for chinese in (True, False):
        shown = {c for _, c, subject, _ in EXAMPLES if subject.isascii() != chinese}
        assert shown == categories


def test_rte_02_the_reason_names_the_rule_and_the_words(matched):
    found = matched("VPN and Wi-Fi down")
    assert found.reason == 'rule "network and remote access" matched: found "vpn", "wi-fi"'
    assert found.rule == "network and remote access"


def test_rte_02_what_no_rule_knows_goes_to_the_service_desk(matched):
    found = matched("Hello", "Good morning")
    assert (found.team, found.rule) == ("service-desk", None)
    assert "no rule matched" in found.reason


def test_a_phone_number_in_a_signature_is_not_a_phone_problem(matched):
    assert matched("Hello", "Regards, Ada\nPhone: +49 30 1234, Mobile: +49 170 1").rule is None


def test_an_alert_that_names_nothing_known_is_infrastructures(matched):
    found = matched("HighLatency", "p99 over 2 s on monitor eu-1", channel="webhook")
    assert (found.team, found.reason) == (
        "infrastructure",
        'rule "monitoring" matched: it came by webhook',
    )


def test_rte_02_the_first_rule_that_fits_wins(matched):
    a = Rule(name="a", team="network", category="network", words=("vpn",))
    b = Rule(name="b", team="security", category="security", words=("vpn",))
    assert matched("vpn", rules=[a, b]).rule == "a"
    assert matched("vpn", rules=[b, a]).rule == "b"


def test_rte_02_every_given_condition_must_hold(matched):
    rule = Rule(
        name="all",
        team="network",
        category="network",
        words=("vpn", "dns"),
        subject_words=("help",),
        senders=("demo.example",),
        channels=("email",),
        with_tags=("vip",),
    )
    fits = {"subject": "Help", "text": "dns", "tags": ["vip"], "rules": [rule]}
    assert matched(**fits).reason == (
        'rule "all" matched: found "dns"; the subject says "help"; '
        'the sender is ada@demo.example; it came by email; tagged "vip"'
    )
    for change in (
        {"text": "none"},
        {"subject": "Hello"},
        {"requester": "ada@notdemo.example"},
        {"channel": "portal"},
        {"tags": []},
    ):
        assert matched(**{**fits, **change}).rule is None


@pytest.mark.parametrize("sender", ["Ceo@Board.example", "ceo@mail.board.example"])
def test_rte_02_a_sender_is_known_by_domain(matched, sender):
    assert matched("x", rules=[VIP], requester=sender).rule == "board"


def test_rte_02_a_sender_is_known_by_address(matched):
    rule = Rule(name="r", team="a", category="b", senders=("ceo@board.example",))
    assert matched("x", rules=[rule], requester="CEO@board.example").rule == "r"
    assert matched("x", rules=[rule], requester="cfo@board.example").rule is None


def test_a_rule_without_conditions_takes_all_and_a_switched_off_one_nothing(matched):
    rule = Rule(name="r", team="a", category="b")
    off = Rule(name="off", team="c", category="d", enabled=False)
    assert matched("x", rules=[off, rule]).reason == 'rule "r" matched: it takes all'


def test_rte_02_own_rules_take_the_place_of_defaults_of_the_same_order():
    own = Rule(name="own", team="a", category="b")
    first = in_order(RULES, {50: VIP, 300: own})
    assert [rule.name for rule in first[:4]] == ["board", "security", "access and accounts", "own"]
    assert len(first) == len(RULES) + 1


def test_a_team_that_was_named_at_opening_stays(opened, at):
    decision = decide(opened("VPN down", team="security"), list(RULES.values()), "itil-3x3", at)
    assert (decision.team, decision.category) == ("security", "network")
    assert decision.reason.startswith("ada@demo.example chose the team security")


@given(st.integers(1, 3), st.integers(1, 3))
def test_rte_01_priority_comes_from_the_tickets_impact_and_urgency(impact, urgency):
    from services.routing.domain.priority import priority_of

    assert priority_of(impact, urgency) == f"P{impact + urgency - 1}"


def test_the_fact_carries_category_first_and_all_that_desk_needs(opened, at):
    fact = decide(
        opened("VPN down", impact=1, urgency=2), list(RULES.values()), "itil-3x3", at
    ).told()
    assert (fact.team, fact.priority, fact.tags, fact.confidence) == (
        "network",
        "P2",
        ["network"],
        1.0,
    )
