"""Foresees what a programme will make people do, beside its nearest passing one."""

from functools import partial
from pathlib import Path

from counterfoil.app.judging import loaded_programme
from counterfoil.app.printed import Printed, terminal
from counterfoil.app.progress import Meter
from counterfoil.programme.repair import repair
from counterfoil.show.exported import written
from counterfoil.show.forecast import forecast_page
from counterfoil.simulate.forecast import forecast


def run_foresee(file: Path, *, seed: int, as_json: bool) -> int:
    """Print the forecast of one programme."""
    loaded = loaded_programme(file)
    passing = repair(loaded.programme, day=loaded.day).programme
    with Meter() as meter:
        told = partial(meter, "living through it")
        foreseen = forecast(loaded.programme, passing, seed=seed, progress=told)
    look, printed = terminal(), Printed()
    page = forecast_page(foreseen, width=look.width, color=look.color, unicode=look.unicode)
    printed.data(written(foreseen) if as_json else page)
    return printed.done(None)
