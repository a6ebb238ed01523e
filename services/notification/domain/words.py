"""Everything our mails say, in each language completely; tests hold the languages together."""

from __future__ import annotations

from typing import Final

ENGLISH: Final = "en"
CHINESE: Final = "zh-CN"

_EN = {
    "greeting": "Hello,",
    "greeting.name": "Hello {name},",
    "subject": "Subject",
    "requester": "Requester",
    "priority": "Priority",
    "team": "Team",
    "open": "Open the ticket",
    "reply": "To add something, simply reply to this message.",
    "received": "we have received your message and look after it under the number {number}.",
    "received.first_response": "You will hear from us by {due}.",
    "received.resolution": "We intend to solve it by {due}.",
    "desk_wrote": "{author} wrote to you about {number}:",
    "requester_wrote": "{author} wrote on your ticket {number}:",
    "internal_note": "{author} left an internal note on your ticket {number}:",
    "resolved": "we have resolved your ticket {number}.",
    "resolved.notes": "What we did:",
    "resolved.back": "If it is not solved, a reply to this message opens the ticket again.",
    "survey": "How happy are you with how we handled this?",
    "score.5": "5 - very happy",
    "score.4": "4 - happy",
    "score.3": "3 - so-so",
    "score.2": "2 - unhappy",
    "score.1": "1 - very unhappy",
    "reopened": "your ticket {number} was opened again.",
    "reopened.reason": "The reason given:",
    "assigned": "the ticket {number} is yours now.",
    "team_assigned": "the ticket {number} waits for your team and nobody has taken it yet.",
    "clock_warned": "{percent} % of the time for the {clock} of {number} is used up. Due: {due}.",
    "clock_breached": "the {clock} of {number} is overdue. It was due: {due}.",
    "clock.first_response": "first response",
    "clock.resolution": "resolution",
    "moment": "{day} {month} {year}, {hour}:{minute} ({zone})",
}
_ZH = {
    "greeting": "您好：",
    "greeting.name": "{name}，您好：",
    "subject": "主题",
    "requester": "申请人",
    "priority": "优先级",
    "team": "团队",
    "open": "打开工单",
    "reply": "如需补充信息，直接回复本邮件即可。",
    "received": "我们已收到您的来信，并以编号 {number} 受理。",
    "received.first_response": "我们将在 {due} 之前答复您。",
    "received.resolution": "我们计划在 {due} 之前解决。",
    "desk_wrote": "关于 {number}，{author} 给您留言：",
    "requester_wrote": "{author} 在您负责的工单 {number} 中留言：",
    "internal_note": "{author} 在您负责的工单 {number} 中添加了内部备注：",
    "resolved": "您的工单 {number} 已解决。",
    "resolved.notes": "处理说明：",
    "resolved.back": "如果问题仍然存在，回复本邮件即可重新打开工单。",
    "survey": "您对我们的处理满意吗？",
    "score.5": "5 - 非常满意",
    "score.4": "4 - 满意",
    "score.3": "3 - 一般",
    "score.2": "2 - 不满意",
    "score.1": "1 - 非常不满意",
    "reopened": "您负责的工单 {number} 已重新打开。",
    "reopened.reason": "原因：",
    "assigned": "工单 {number} 现由您负责。",
    "team_assigned": "工单 {number} 已分派给您的团队，尚无人接手。",
    "clock_warned": "{number} 的{clock}时限已用去 {percent}%，截止时间：{due}。",
    "clock_breached": "{number} 的{clock}已超时，截止时间为：{due}。",
    "clock.first_response": "首次响应",
    "clock.resolution": "解决",
    "moment": "{year}年{month}月{day}日 {hour}:{minute}（{zone}）",
}
CATALOGUE: Final = {ENGLISH: _EN, CHINESE: _ZH}
MONTHS: Final = {
    ENGLISH: (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    CHINESE: tuple(str(number) for number in range(1, 13)),
}


def tongue(*wanted: str | None) -> str:
    """Return the language we write to somebody who reads the first of these that is given."""
    language = next((one for one in wanted if one), ENGLISH)
    return CHINESE if language.lower().partition("-")[0] == "zh" else ENGLISH


def say(language: str, key: str, **values: object) -> str:
    """Return a sentence of the catalogue with its places filled in."""
    return CATALOGUE[language][key].format(**values)
