"""What all request bodies have in common."""

from pydantic import BaseModel, ConfigDict, ValidationError


class Body(BaseModel):
    """A request body: exact JSON types, members nobody knows are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, allow_inf_nan=False)


def one_line(error: ValidationError) -> str:
    """What is wrong, member by member; the values stay out, as they may be secrets."""
    details = error.errors(include_input=False, include_url=False)
    return "; ".join(f"{'.'.join(map(str, item['loc'])) or 'body'}: {item['msg']}" for item in details)
