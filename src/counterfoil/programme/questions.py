"""Twenty plain questions about a programme, each with the answer that is safe for people."""

from collections.abc import Iterator

from counterfoil.terms.question import Answers, Form, Group, Question

ABOUT = Group(
    title="The programme",
    questions=(
        Question(
            id="name",
            asks="What do you call it?",
            why="It stands at the head of the letter to your people.",
            form=Form.TEXT,
            safe="AI at work",
        ),
        Question(
            id="where",
            asks="Where do the people work?",
            why="In the European Union and the United Kingdom people have to be told and asked first.",
            options=(
                ("eu", "In the European Union"),
                ("uk", "In the United Kingdom"),
                ("both", "In both"),
                ("elsewhere", "Somewhere else only"),
            ),
        ),
        Question(
            id="people",
            asks="How many people does it cover?",
            why="Among few people a figure gives somebody away, and no check of a number can find anything.",
            form=Form.NUMBER,
            safe="500",
        ),
    ),
)
SHOWN = Group(
    title="What is counted, and who sees it",
    questions=(
        Question(
            id="counted",
            asks="What is counted?",
            why="Where only use is counted, people make use; what came of the work is lost from sight.",
            options=(
                ("results", "What came of the work, and what had to be redone; use for the bill only"),
                ("apart", "Use above all; what came of the work stands on another page"),
                ("use", "Only how much AI is used"),
            ),
        ),
        Question(
            id="person",
            asks="Who can see how much AI a single person used, besides that person?",
            why="Whoever is watched by name works on the number, and not on the work.",
            form=Form.SEVERAL,
            options=(
                ("manager", "Their line manager"),
                ("leaders", "Leaders above"),
                ("everyone", "Everyone, as a list of names"),
                ("board", "Everyone, as a board with places: first, second, third"),
            ),
        ),
        Question(
            id="rows",
            asks="Who can reach the raw records about single people, such as logs or the vendor's console?",
            why="Both famous boards of 2026 were built by employees from records that anybody could reach.",
            options=(
                ("stewards", "Each person their own, and a few named stewards of the data"),
                ("leaders", "Also leaders or line managers"),
                ("everyone", "Anybody who looks for them"),
                ("unsaid", "Nobody has decided that yet"),
            ),
        ),
        Question(
            id="floor",
            asks="How few people may a figure about a unit be made of?",
            why="A figure of four people is a figure of each of them.",
            options=(
                ("safe", "At least 50 besides whoever looks for use and cost, at least 10 for results"),
                ("ten", "At least 10 besides whoever looks, for everything"),
                ("five", "At least 5 besides whoever looks, for everything"),
                ("none", "There is no such rule"),
            ),
        ),
        Question(
            id="units",
            asks="Are teams or units compared?",
            why="An order turns results into a contest, and use into a race to burn most.",
            options=(
                ("past", "No: alphabetical, each beside its own past"),
                ("results", "Yes, in the order of their results"),
                ("use", "Yes, in the order of how much they use"),
            ),
        ),
    ),
)
ASKED = Group(
    title="What is asked of people",
    questions=(
        Question(
            id="target",
            asks="Is there something to reach?",
            why="People do what they are asked for; use can be made without any work behind it.",
            options=(
                ("nothing", "No"),
                ("result", "A result, such as work that still stands after a month, for a whole unit"),
                ("share", "A share of people who use AI, such as 80 % each week"),
                ("each", "An amount of use that each person has to reach"),
                ("output", "An amount of things made that each person has to reach"),
            ),
        ),
        Question(
            id="window",
            asks="If there is: over what time, and what if somebody is just short?",
            why="Just before a deadline people do what moves the number.",
            options=(
                ("long", "Over four weeks, and being near counts"),
                ("cliff", "Within a week, and just short counts as missed"),
            ),
        ),
        Question(
            id="exempt",
            asks="If there is: who is left out of it?",
            why="Whoever is away or does work that AI does not suit would fall short without fault.",
            options=(
                ("all", "Leave, part-time work, disability, and work that AI does not suit"),
                ("alike", "Leave, part-time work and disability; all kinds of work count alike"),
                ("nobody", "Nobody"),
            ),
        ),
        Question(
            id="prizes",
            asks="Is there something to win?",
            why="A prize for how much is won by making much.",
            options=(
                ("nothing", "No; people are thanked in words"),
                ("use", "Badges, titles or prizes for using AI much"),
            ),
        ),
        Question(
            id="cost",
            asks="Who answers for what it costs?",
            why="What is asked for and costs nobody anything is burnt.",
            options=(
                ("budget", "Somebody has a budget for it"),
                ("nobody", "Nobody: people are asked to use as much as they can"),
            ),
        ),
    ),
)
PROMISED = Group(
    title="What is promised",
    questions=(
        Question(
            id="review",
            asks="Do the numbers count in reviews, pay, promotion or exit?",
            why="Where nothing holds the promise, people assume that everything counts.",
            options=(
                ("held", "No: the software refuses it, and people can check who looked"),
                ("said", "No, we have said so"),
                ("unsaid", "That is not decided, or not said"),
                ("informs", "They are one thing among others"),
                ("determines", "Yes, they decide"),
            ),
        ),
        Question(
            id="manager",
            asks="What is a line manager's own goal in this?",
            why="A manager who has to bring a number passes the pressure on.",
            options=(
                ("support", "To help the team"),
                ("none", "None"),
                ("number", "The number of the team"),
            ),
        ),
        Question(
            id="jobs",
            asks="Can the numbers be a reason to replace people or to reduce jobs?",
            why="People who fear for their job show as little as they can.",
            options=(
                ("never", "No, and that is written down"),
                ("unsaid", "That is not decided, or not said"),
                ("yes", "Yes, among other reasons"),
            ),
        ),
        Question(
            id="wrong",
            asks="What happens when a number looks wrong?",
            why="Most people whose number looks odd are honest: they run tests, migrations or evaluations.",
            options=(
                ("cohorts", "Numbers are checked among many people and suspended; nobody is accused"),
                ("nothing", "Nothing is checked"),
                ("flag", "Software flags single people"),
            ),
        ),
    ),
)
BEFORE = Group(
    title="Before it begins",
    questions=(
        Question(
            id="told",
            asks="When are people told what is measured, why, who sees it and for how long?",
            why="Being watched and finding out costs more trust than any rule that was told.",
            options=(
                ("before", "All of it, before it begins"),
                ("part", "Before it begins, but not all of it"),
                ("late", "Later, or that is not decided"),
            ),
        ),
        Question(
            id="assessed",
            asks="Are a data protection impact assessment and talks with the workers or their council done?",
            why="Both ask, before it is too late, whether a smaller measure would do.",
            options=(
                ("done", "Yes, or both will be before it begins"),
                ("planned", "Planned, perhaps after it begins"),
                ("no", "No"),
            ),
        ),
        Question(
            id="data",
            asks="What is written down about single people?",
            why="What is not needed for the question is only good for watching.",
            options=(
                ("counts", "Counts and costs by the day, for 30 days"),
                ("long", "Counts and costs, by the hour or for longer"),
                ("text", "Also what they write to an AI, or what it answers"),
                ("watch", "Also idle minutes, keystrokes, screens or places"),
            ),
        ),
    ),
)
ASSUMED = (
    "Each number has a role that answers for it and a system it is read from: put in yours.",
    "It was tested whether numbers of use go with outcomes; the test is good for half a year.",
    "No score and no model evaluates single people.",
    "Nobody may ask a person for the report that they made on their own machine.",
    "Evaluation, CI and migration work can be declared, so that heavy use is understood.",
    "Agents that people build may do nothing until it is granted; a person approves; one switch stops all.",
    "The parties are the employer, the works council and the data protection officer.",
    "It begins in a month and ends after a year.",
)
"""What a programme of answers says though nobody was asked: the safe values of the template."""
GROUPS = (ABOUT, SHOWN, ASKED, PROMISED, BEFORE)


def questions() -> Iterator[Question]:
    """Every question, in the order in which it is asked."""
    return (question for group in GROUPS for question in group.questions)


def safe_answers() -> Answers:
    """The answers to begin with.

    Example:
    >>> len(safe_answers()), safe_answers()["person"], safe_answers()["target"]
    (20, (), ('nothing',))
    """
    return {question.id: question.default for question in questions()}
