"""Everything the survey page says, in each language completely."""

from __future__ import annotations

from typing import Final

ENGLISH: Final = "en"
CHINESE: Final = "zh-CN"
CATALOGUE: Final = {
    ENGLISH: {
        "title": "How did we do?",
        "question": "How happy are you with how we handled this?",
        "score.5": "Very happy",
        "score.4": "Happy",
        "score.3": "So-so",
        "score.2": "Unhappy",
        "score.1": "Very unhappy",
        "comment": "Would you like to tell us why? (optional, up to {most} characters)",
        "send": "Send my answer",
        "again": "You have answered before; a new answer replaces it.",
        "thanks": "Thank you for your answer.",
        "change": "You can change it until {day}.",
        "change.link": "Change my answer",
        "incomplete": "Please choose one of the five faces.",
        "too_long": "The comment is too long: {most} characters are possible.",
        "unreadable": "We could not read your answer. Please try again.",
        "unknown": "We do not know this survey. Perhaps the link was cut off in the mail.",
        "expired": "The time to answer this survey is over.",
    },
    CHINESE: {
        "title": "您觉得我们做得如何？",
        "question": "您对我们的处理满意吗？",
        "score.5": "非常满意",
        "score.4": "满意",
        "score.3": "一般",
        "score.2": "不满意",
        "score.1": "非常不满意",
        "comment": "愿意告诉我们原因吗？（选填，最多 {most} 个字符）",
        "send": "提交评价",
        "again": "您已评价过，新的评价将替换之前的评价。",
        "thanks": "感谢您的评价。",
        "change": "您可以在 {day} 之前修改。",
        "change.link": "修改评价",
        "incomplete": "请从五个表情中选择一个。",
        "too_long": "意见过长，最多 {most} 个字符。",
        "unreadable": "无法读取您的评价，请重试。",
        "unknown": "找不到此调查，邮件中的链接可能不完整。",
        "expired": "此调查的评价时间已结束。",
    },
}


def tongue(language: str) -> str:
    """Return the language of the catalogue for somebody who reads ``language``."""
    return CHINESE if language.strip().lower()[:2] == "zh" else ENGLISH


def say(language: str, key: str, **values: object) -> str:
    """Return a sentence of the catalogue with its places filled in."""
    return CATALOGUE[tongue(language)][key].format(**values)
