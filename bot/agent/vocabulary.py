"""The small English words that tell a request from a question, a refusal, or talk about something."""

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SPELLED_OUT: Final = {
    "cannot": "can not", "dont": "do not", "cant": "can not", "wont": "will not", "didnt": "did not",
    "doesnt": "does not", "isnt": "is not", "wasnt": "was not", "couldnt": "could not", "havent": "have not",
    "wouldnt": "would not", "shouldnt": "should not", "hasnt": "has not", "arent": "are not", "im": "i am",
    "ive": "i have", "youre": "you are", "whats": "what is", "wanna": "want to", "gonna": "going to",
    "gotta": "got to", "gimme": "give me", "lemme": "let me", "u": "you", "ur": "your", "plz": "please",
    "pls": "please", "plse": "please", "pleas": "please", "plis": "please", "thx": "thanks", "tks": "thanks",
    "thanx": "thanks", "ty": "thanks", "tia": "thanks", "thank": "thanks", "cheers": "thanks",
    "nevermind": "never mind", "nvm": "never mind", "ok": "okay",
}  # fmt: skip
"""Chat spellings and joined words, and what they stand for."""

ENDINGS: Final = {"n't": "not", "'d": "would", "'m": "am", "'ve": "have", "'re": "are", "'ll": "will"}
"""What is left of a word after an apostrophe."""

IS_OWNERS: Final = _words(
    """
    what that it there here who how where when why let he she this everything
    """
)
"""After these words 's means “is”; after every other word it means that something belongs to it."""

ARTICLES: Final = _words("a an the some")

SKIPPED: Final = ARTICLES | _words(
    """
    please kindly just also maybe perhaps possibly really actually basically quickly simply um uh hmm
    okay asap
    """
)
"""Words that change nothing wherever they stand."""

OPENERS: Final = _words(
    """
    hi hello hey hiya yo howdy dear greetings good morning afternoon evening day there team folks all
    guys everyone
    """
)
"""Words of a greeting."""

GREETINGS: Final = _words("hi hello hey hiya howdy dear")

SIGN_OFFS: Final = _words("thanks regards sincerely")

TIMES: Final = _words(
    """
    now today tonight tomorrow yesterday soon immediately again still urgent urgently morning afternoon
    evening night week weekend month monday tuesday wednesday thursday friday saturday sunday this last
    next earlier later back first too either right away starting starts
    """
)

LEADS: Final = (
    _words(
        """
    i we you us me it my our your myself someone somebody anyone anybody can could would will shall
    should may might must need needs want wants like love wish hope hoping wonder appreciate appreciated
    grateful great nice require requires request requesting ask asking looking look trying try wondering
    if possible able help get getting got give giving let make have to for of with in be am and or then
    be set sort that need needing required go ahead order via with support it there is urgent any chance
    way mind think going sorry excuse bother do up
    """
    )
    | SKIPPED
    | OPENERS
    | TIMES
)
"""Words that may stand before what is asked for and leave it a request."""

MODALS: Final = _words(
    """
    can could would will may might shall should need want like mind able help must let
    """
)

LEAD_QUESTIONS: Final = (
    "is it possible", "would it be possible", "is there any way", "is there a way", "is there any chance",
    "any chance", "are you able", "am i able", "is someone able", "is anyone able", "do you mind",
    "do you think", "are we able", "i was wondering if", "i was wondering whether", "i was hoping",
    "was wondering if", "was hoping",
)  # fmt: skip
"""Beginnings that sound like a question, and ask for the thing itself."""

QUESTION_WORDS: Final = _words("why when where who whose which what how whether")

AUXILIARIES: Final = _words("am is are do does did was were has have had")
"""A sentence that begins with one asks about something."""

STATES: Final = _words("already did does was were had been has thanks")
"""Before the matched words, these speak of what is or what happened, not of what is wanted."""

NEGATIONS: Final = _words(
    """
    not never no nobody none without stop nor neither instead avoid
    """
)

REPORTS: Final = _words(
    """
    said says saying told tells asked asks wrote writes phishing scam
    """
)
"""After these words somebody else may be speaking."""

BREAKS: Final = (
    _words(
        """
    but because so since although though however therefore then plus while
    """
    )
    | SIGN_OFFS
)
"""A new thought begins here."""

STOPS: Final = BREAKS | _words(
    """
    for as by on at from in with when before after until till via due during and or if which that who
    whom whose is are was were has have had i we you it they he she please asap not never no instead
    ahead via without about of can could would will should to what how why
    """
)
"""A value ends before one of these words, unless what is looked up is known by the longer name."""

PRONOUNS: Final = _words(
    """
    it this that them these those something anything everything one ones thing things stuff help him her
    his he she
    """
)
"""Words that name no thing."""

SELF: Final = _words("i me my myself mine we us our im")
"""Words by which people mean themselves."""

OTHERS: Final = _words(
    """
    him her them his their colleague colleagues coworker teammate someone somebody boss manager intern
    starter joiner hire employee contractor report assistant everyone everybody all team
    """
)
"""Words by which people mean somebody else."""

BELONGING: Final = _words("my our your his her their its")

GENERIC: Final = _words(
    """
    app apps application tool system software platform program site account licence license group team
    list department role workspace access work company corporate
    """
)
"""Nouns that people add to a name and that are no part of it."""

CANCELS: Final = (
    "never mind", "forget it", "forget about it", "forget that", "forget about that", "scrap that",
    "scrap it",
    "cancel that", "cancel it", "cancel this", "cancel my request", "cancel the request", "ignore that",
    "ignore this", "ignore me", "disregard", "no need", "no longer need", "no longer needed",
)  # fmt: skip
"""Words that take back what was said before them."""

YES: Final = _words(
    """
    yes y yep yeah yup sure okay correct right exactly indeed affirmative
    """
)
NO: Final = _words("no n nope nah wrong neither")

COMMON: Final = _words(
    """
    about after also and any are back been before being both but came come could day did does done down
    each even every few find first from gave get give goes gone good got grand had has have here his
    hold home how into its keep kept know lack last late later left less life like line list live long
    look loose lose loss lots made mail main make many may meet mind mine more most move much must name
    near need never new next nice note now off often once one only onto open order other our out over
    own part pass past play plan plane please post put quite rather read ready real right road role room
    run same saw say seen sell send sent set she should show since site some soon sort speed spend stay
    still stop such sure take talk team tell test than that the their them then there these they thing
    think this those time today told took true try turn two upon use used very want was way week well
    went were what when where which while who why will wish with word work would write year yes yet you
    your grind assess excess across lead load leave lease please place group grow remote promote remove
    move rename
    """
) | LEADS | STOPS | QUESTION_WORDS | STATES | PRONOUNS  # fmt: skip
"""Words that are never taken for a misspelling of another word."""
