"""What the directory can send that is not taken in."""

from counterfoil.terms.error import SourceError


def taken() -> SourceError:
    """Somebody else has the name."""
    return SourceError("scim-taken", "somebody else has that user name or number", hint="send another one")


def erased() -> SourceError:
    """They had their data erased."""
    hint = "leave them out of what is sent"
    return SourceError("scim-erased", "nothing of this person is taken in any more", hint=hint)


def no_word() -> SourceError:
    """It can name no unit and no role."""
    says = "the name of a unit or role is empty, has over 200 letters, or some that can't be shown"
    return SourceError("scim-no-word", says, hint="send a shorter name")


def no_such() -> SourceError:
    """The id is nobody's."""
    return SourceError("scim-no-such", "there is nothing of that id", hint="ask for what there is")


def no_member() -> SourceError:
    """A group can't have such a member."""
    hint = "send people before the groups that they are in"
    return SourceError("scim-no-member", "one of the members can't be in this group", hint=hint)


def no_role() -> SourceError:
    """A group gives another role, or none."""
    hint = "name it counterfoil-council, counterfoil-dpo, counterfoil-finance or counterfoil-admin"
    return SourceError("scim-no-role", "a group that gives a role keeps the name of that role", hint=hint)


def role_twice() -> SourceError:
    """One group gives a role, and no other."""
    return SourceError("scim-taken", "there is a group for that role already", hint="change that one")
