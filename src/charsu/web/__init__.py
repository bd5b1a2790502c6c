"""The pages: one look, five languages, the live overview."""

from charsu.language import LANGUAGES, translate
from charsu.web.assets import static_router
from charsu.web.language import choose
from charsu.web.look import HEADERS, Viewer, face, page
from charsu.web.overview import (
    ArrivedFact,
    ChannelSales,
    Choice,
    CurrencySales,
    CurrencyStores,
    OpenException,
    OverviewAsk,
    OverviewView,
    Period,
    SalesPoint,
    StockOut,
    StoreSales,
    WaitingKind,
    WaitingOrders,
)
from charsu.web.overview_page import overview_router
from charsu.web.welcome import (
    FirstRunForm,
    SignInForm,
    Trouble,
    error_page,
    first_run_page,
    own_path,
    preferences_router,
    sign_in_page,
)

__all__ = [
    "HEADERS",
    "LANGUAGES",
    "ArrivedFact",
    "ChannelSales",
    "Choice",
    "CurrencySales",
    "CurrencyStores",
    "FirstRunForm",
    "OpenException",
    "OverviewAsk",
    "OverviewView",
    "Period",
    "SalesPoint",
    "SignInForm",
    "StockOut",
    "StoreSales",
    "Trouble",
    "Viewer",
    "WaitingKind",
    "WaitingOrders",
    "choose",
    "error_page",
    "face",
    "first_run_page",
    "overview_router",
    "own_path",
    "page",
    "preferences_router",
    "sign_in_page",
    "static_router",
    "translate",
]
