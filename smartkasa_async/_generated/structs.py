"""Structs and enums of the API.

Generated from openapi/ by `python -m codegen`; edit the YAML there, not this file.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, TypeAlias

from msgspec import UNSET, UnsetType

from smartkasa_async._base.model import Instant, Model, OpenIntEnum


class PageMeta(Model, kw_only=True):
    """Where a page stands in its list."""

    current_page: int
    """Number of this page, from 1."""
    total_pages: int
    """Number of pages."""
    total_count: int
    """Number of records on all pages."""
    limit_value: int
    """Page size that the service really used."""
    offset_value: int
    """Number of records before this page."""
    next_page: int | None | UnsetType = UNSET
    """Number of the next page; null on the last one."""
    prev_page: int | None | UnsetType = UNSET
    """Number of the page before; null on the first one."""


class CountMeta(Model, kw_only=True):
    """Size of a list that comes whole."""

    total_count: int
    """Number of records in the list."""


class EmptyMeta(Model, kw_only=True):
    """Metadata of an answer that is not a list; the service sends an empty object."""


class NumericId(Model, kw_only=True):
    """Id of the record that the call worked on."""

    id: int
    """Id of the record."""


class NumericIdAnswer(Model, kw_only=True):
    """Answer that carries only a numeric id."""

    data: NumericId
    """The id."""
    meta: EmptyMeta
    """Empty."""


class UuidId(Model, kw_only=True):
    """Id of the record that the call worked on."""

    id: str
    """Id of the record."""


class UuidIdAnswer(Model, kw_only=True):
    """Answer that carries only a UUID."""

    data: UuidId
    """The id."""
    meta: EmptyMeta
    """Empty."""


class IdBatch(Model, kw_only=True):
    """Records to delete together."""

    ids: list[str]
    """Ids of the records."""


class Picture(Model, kw_only=True):
    """A stored picture."""

    id: str
    """Key of the file in the service's storage."""
    filename: str | None | UnsetType = UNSET
    """Name that the file was uploaded under."""
    mime_type: str | None | UnsetType = UNSET
    """Media type, for example image/png."""
    size: int | None | UnsetType = UNSET
    """Size, bytes."""
    url: str | None | UnsetType = UNSET
    """Address of the file below the service's own."""


class PictureUpload(Model, kw_only=True):
    """A picture that was uploaded to the service's cache before."""

    id: str
    """Key of the file in the upload cache, uploads/cache/…."""
    filename: str | UnsetType = UNSET
    """Name of the file."""
    mime_type: str | UnsetType = UNSET
    """Media type, for example image/png."""
    size: int | UnsetType = UNSET
    """Size, bytes."""


TaxAmounts: TypeAlias = dict[str, Decimal]
"""
Tax by its letter (a Cyrillic one: А is VAT 20 %, З excise 5 % with the vendor). In read samples of receipts the numbers are kopecks; the documented create sends 23.5, so the unit on write is unknown (inferred).
"""


class TaxGroup(OpenIntEnum):
    """Tax group of a product or a receipt's item. Codes that are not listed must be expected."""

    NONE = 0
    """No group, general."""
    VAT_20 = 1
    """VAT 20 %."""
    VAT_7 = 2
    """VAT 7 %."""
    VAT_0 = 3
    """VAT 0 %."""
    WITHOUT_VAT = 4
    """Without VAT."""
    EXCISE_5 = 5
    """Excise 5 %."""
    EXCISE_5_VAT_20 = 6
    """Excise 5 %, then VAT 20 %."""
    EXCISE_5_VAT_0 = 7
    """Excise 5 %, then VAT 0 %."""
    EXCISE_G_0 = 8
    """Excise 0 % by the letter Г."""
    EXCISE_G_0_VAT_20 = 9
    """Excise 0 % by the letter Г, then VAT 20 % by the letter А."""
    EXCISE_G_0_VAT_0 = 10
    """Excise 0 % by the letter Г, then VAT 0 % by the letter В."""


class ClassifierType(OpenIntEnum):
    """Classifier that a product's code belongs to. Codes that are not listed must be expected."""

    NONE = 0
    """No classifier."""
    UKTZED = 1
    """Commodity codes of foreign trade (УКТ ЗЕД)."""
    DKPP = 2
    """State classifier of products and services (ДКПП)."""


class FieldError(Model, kw_only=True):
    """One refusal of one field."""

    error: str
    """Code of the refusal, for example blank or invalid."""
    messages: str | None | UnsetType = UNSET
    """Text for people, in Ukrainian; batch calls name the field here, but no row."""


class FieldErrors(Model, kw_only=True):
    """Refusals by field; `base` stands for the whole request, `products` or `categories` for a batch."""

    errors: dict[str, list[FieldError]]
    """Refusals of each field."""


class MessageErrors(Model, kw_only=True):
    """Refusal in one sentence, when a value has the wrong type."""

    errors: str
    """Sentence that names the form, the value and the field."""


class UnauthorizedBody(Model, kw_only=True):
    """Body of an answer to a request without a valid key or token."""

    message: str
    """Always Unauthorized in what was recorded."""


class MessageBody(Model, kw_only=True):
    """Body of an error with a text only (inferred)."""

    message: str | None | UnsetType = UNSET
    """What went wrong."""


class SessionCreate(Model, kw_only=True):
    """Credentials of a user."""

    __secret_fields__: ClassVar[frozenset[str]] = frozenset(["password"])

    __phone_fields__: ClassVar[frozenset[str]] = frozenset(["phone_number"])

    phone_number: str
    """Phone number of the user, digits with the country code, 380…"""
    password: str
    """Password of the user. A secret."""


class Session(Model, kw_only=True):
    """The tokens of a session. Both are secrets; whoever has the refresh token has the session."""

    __secret_fields__: ClassVar[frozenset[str]] = frozenset(["access", "csrf", "refresh"])

    access: str
    """Access token, a JWT, sent with every call. A secret."""
    access_expires_at: Instant
    """Moment from which the access token is refused; carries its own offset."""
    refresh: str
    """Refresh token, a JWT, good for one refresh (inferred). A secret."""
    refresh_expires_at: Instant
    """Moment from which the refresh token is refused; carries its own offset."""
    id: str | None | UnsetType = UNSET
    """Id of the session. Null in every sample; its form is that of the logout's answer (inferred)."""
    csrf: str | None | UnsetType = UNSET
    """Token against forged requests of browsers; API calls do not need it (inferred). A secret."""


class SessionAnswer(Model, kw_only=True):
    """Answer that carries a session."""

    data: Session
    """The session with its tokens."""
    meta: EmptyMeta
    """Empty."""


class StockCardCreate(Model, kw_only=True):
    """A stock card to create. Only a refused `product_id` is recorded; that the service needs it is inferred."""

    product_id: str
    """Id of the product."""
    shop_id: int | UnsetType = UNSET
    """Id of the shop."""
    counting_enabled: bool | None | UnsetType = UNSET
    """Whether sales change the count."""
    count: Decimal | None | UnsetType = UNSET
    """Stock on hand to start with, in the product's unit of measure."""


class StockCardUpdate(Model, kw_only=True):
    """Changes to a stock card. A field that is left out stays as it is (inferred)."""

    id: int | UnsetType = UNSET
    """Id of the card; the Blueprint's samples repeat the path's id here."""
    product_id: str | UnsetType = UNSET
    """Id of the product."""
    shop_id: int | UnsetType = UNSET
    """Id of the shop."""
    counting_enabled: bool | None | UnsetType = UNSET
    """Whether sales change the count."""
    count: Decimal | None | UnsetType = UNSET
    """Stock on hand from now on, in the product's unit of measure; replaces the count."""


class Partner(Model, kw_only=True):
    """Partner organisation of a catalogue. The list of products fills in id and title only, and may leave them out too (inferred)."""

    id: int | None | UnsetType = UNSET
    """Id of the partner."""
    title: str | None | UnsetType = UNSET
    """Title for people."""
    name: str | None | UnsetType = UNSET
    """Name of the partner."""
    code: str | None | UnsetType = UNSET
    """Code of the partner."""
    partner_type_id: int | None | UnsetType = UNSET
    """Code of the partner's kind; the values are not documented."""
    state: int | None | UnsetType = UNSET
    """Code of the partner's state; the values are not documented."""
    created_at: Instant | None | UnsetType = UNSET
    """Time of creation, with an offset."""
    updated_at: Instant | None | UnsetType = UNSET
    """Time of the last change, with an offset."""


class CategoryCreate(Model, kw_only=True):
    """A category to create."""

    title: str
    """Title of the category."""
    id: str | UnsetType = UNSET
    """Id for the new category; listed by the vendor, sent in no recorded request."""
    parent_id: str | UnsetType = UNSET
    """Id of the category to stand below; left out for one at the top."""
    color: int | UnsetType = UNSET
    """Code of the tile's colour in the recorded requests; the answers do not show it."""
    color_id: int | None | UnsetType = UNSET
    """Code of the tile's colour as the vendor lists it."""
    partner_id: int | UnsetType = UNSET
    """Id of the partner that the category belongs to."""
    shop_ids: list[int] | None | UnsetType = UNSET
    """Ids of the shops that offer the category; the items' type is inferred."""


class CategoryUpdate(Model, kw_only=True):
    """Changes to a category. A field that is left out stays as it is, null clears it (inferred)."""

    id: str | UnsetType = UNSET
    """Id of the category; the Blueprint's samples repeat the path's id here."""
    title: str | UnsetType = UNSET
    """Title of the category."""
    parent_id: str | None | UnsetType = UNSET
    """Id of the category to stand below; null moves the category to the top (inferred)."""
    color: int | UnsetType = UNSET
    """Code of the tile's colour in the recorded requests; the answers do not show it."""
    color_id: int | None | UnsetType = UNSET
    """Code of the tile's colour as the vendor lists it."""
    partner_id: int | None | UnsetType = UNSET
    """Id of the partner that the category belongs to; recorded in creates, in an update it is inferred."""
    shop_ids: list[int] | None | UnsetType = UNSET
    """Ids of the shops that offer the category; the items' type is inferred."""


class Role(Model, kw_only=True):
    """Role of an employee, which decides what the employee may do. The API has no call that lists roles."""

    id: int
    """Id of the role."""
    created_at: Instant | None | UnsetType = UNSET
    """Moment of creation; carries its own offset."""
    name: str | None | UnsetType = UNSET
    """Name of the role."""
    state: int | None | UnsetType = UNSET
    """Code of the state. The vendor publishes no list; every sample has 0."""
    updated_at: Instant | None | UnsetType = UNSET
    """Moment of the last change; carries its own offset."""


class EmployeeAddressForm(Model, kw_only=True):
    """Address of an employee in a request."""

    zip_code: str | UnsetType = UNSET
    """Postal code, five digits."""
    content: str | UnsetType = UNSET
    """Street and house."""


class EmployeeCreate(Model, kw_only=True):
    """An employee to create."""

    __secret_fields__: ClassVar[frozenset[str]] = frozenset(["pin_code"])

    __phone_fields__: ClassVar[frozenset[str]] = frozenset(["additional_phone_number", "phone_number"])

    first_name: str
    """First name, not blank."""
    avatar: PictureUpload | UnsetType = UNSET
    """Portrait that was uploaded before."""
    email: str | UnsetType = UNSET
    """E-mail address."""
    middle_name: str | UnsetType = UNSET
    """Patronymic (по батькові)."""
    last_name: str | UnsetType = UNSET
    """Last name."""
    phone_number: str | UnsetType = UNSET
    """Phone number, digits; stored with the country code, 380…."""
    inn: str | UnsetType = UNSET
    """Taxpayer number (РНОКПП), ten digits."""
    pin_code: str | UnsetType = UNSET
    """PIN code that opens the till, digits. A secret."""
    passport_serial: str | UnsetType = UNSET
    """Series of the passport, two letters."""
    passport_number: str | UnsetType = UNSET
    """Number of the passport, digits."""
    role_id: int | UnsetType = UNSET
    """Id of the role."""
    address_actual: EmployeeAddressForm | None | UnsetType = UNSET
    """Address that the employee lives at; null for none. Answers were not seen to show it."""
    address_legal: EmployeeAddressForm | None | UnsetType = UNSET
    """Registered address; null for none."""
    birthday: date | UnsetType = UNSET
    """Day of birth, a calendar day; the service keeps it as midnight UTC."""
    joined_at: date | UnsetType = UNSET
    """Day of joining, a calendar day; the service keeps it as midnight UTC."""
    gender_type_id: int | UnsetType = UNSET
    """Code of the gender. The vendor publishes no list; the samples send 1."""
    notes: str | UnsetType = UNSET
    """Notes of the employer."""
    additional_phone_number: str | None | UnsetType = UNSET
    """Second phone number, digits; stored with the country code, 380…; null for none."""


class EmployeeUpdate(Model, kw_only=True):
    """What to change in an employee; what is left out stays (inferred)."""

    __secret_fields__: ClassVar[frozenset[str]] = frozenset(["pin_code"])

    __phone_fields__: ClassVar[frozenset[str]] = frozenset(["additional_phone_number", "phone_number"])

    avatar: PictureUpload | UnsetType = UNSET
    """Portrait that was uploaded before."""
    email: str | UnsetType = UNSET
    """E-mail address."""
    first_name: str | UnsetType = UNSET
    """First name, not blank."""
    middle_name: str | UnsetType = UNSET
    """Patronymic (по батькові)."""
    last_name: str | UnsetType = UNSET
    """Last name."""
    phone_number: str | UnsetType = UNSET
    """Phone number, digits; stored with the country code, 380…."""
    inn: str | UnsetType = UNSET
    """Taxpayer number (РНОКПП), ten digits."""
    pin_code: str | UnsetType = UNSET
    """PIN code that opens the till, digits. A secret."""
    passport_serial: str | UnsetType = UNSET
    """Series of the passport, two letters."""
    passport_number: str | UnsetType = UNSET
    """Number of the passport, digits."""
    role_id: int | UnsetType = UNSET
    """Id of the role."""
    address_actual: EmployeeAddressForm | None | UnsetType = UNSET
    """Address that the employee lives at; null for none. Answers were not seen to show it."""
    address_legal: EmployeeAddressForm | None | UnsetType = UNSET
    """Registered address; null for none."""
    birthday: date | UnsetType = UNSET
    """Day of birth, a calendar day; the service keeps it as midnight UTC."""
    joined_at: date | UnsetType = UNSET
    """Day of joining, a calendar day; the service keeps it as midnight UTC."""
    gender_type_id: int | UnsetType = UNSET
    """Code of the gender. The vendor publishes no list; the samples send 1."""
    notes: str | UnsetType = UNSET
    """Notes of the employer."""
    additional_phone_number: str | None | UnsetType = UNSET
    """Second phone number, digits; stored with the country code, 380…; null for none."""


class CategoryBatch(Model, kw_only=True):
    """Categories to create together. The largest number is not documented."""

    categories: list[CategoryCreate]
    """The categories."""


class ProductBatchAnswer(Model, kw_only=True):
    """Answer with the ids of the products of a batch."""

    data: list[UuidId]
    """Ids of the products."""
    meta: EmptyMeta
    """Empty."""


class ImportJob(Model, kw_only=True):
    """Import of products from a file."""

    id: int
    """Id of the job."""
    state: int
    """Code of the job's state: 0 for a new one, the others are not documented."""
    filename: str | None | UnsetType = UNSET
    """Name of the file."""
    products_count: int | None | UnsetType = UNSET
    """Number of products in the file (inferred)."""
    created_count: int | None | UnsetType = UNSET
    """Number of products that the import created."""
    updated_count: int | None | UnsetType = UNSET
    """Number of products that the import updated."""
    results: Any | UnsetType = UNSET
    """Results of the import; in a single read only. Recorded as an empty object, so they may be any JSON (inferred)."""
    created_at: Instant | None | UnsetType = UNSET
    """Time of creation, with an offset."""
    updated_at: Instant | None | UnsetType = UNSET
    """Time of the last change, with an offset."""


class ImportJobCreate(Model, kw_only=True):
    """An import to start."""

    url: str
    """Address of the JSON file; the service itself must be able to fetch it."""
    category_id: str
    """Id of the category that receives the products."""


class ImportJobAnswer(Model, kw_only=True):
    """Answer with one import job."""

    data: ImportJob
    """The import job."""
    meta: EmptyMeta
    """Empty."""


class ImportJobPage(Model, kw_only=True):
    """One page of import jobs."""

    data: list[ImportJob]
    """Import jobs of this page."""
    meta: PageMeta
    """Where the page stands in the list."""


class ReceiptState(OpenIntEnum):
    """State of a receipt. Codes that are not listed must be expected."""

    DEFERRED = 1
    """Put aside, not paid yet."""
    PAID = 2
    """Paid."""
    REFUND = 3
    """Refund."""


class ReceiptType(OpenIntEnum):
    """Operation that a receipt records. Only SALE is a sale. Codes that are not listed must be expected."""

    SALE = 0
    """Sale."""
    SERVICE_CASH_IN = 1
    """Service operation, cash put into the drawer (службове внесення)."""
    SERVICE_CASH_OUT = 2
    """Service operation, cash taken out of the drawer (службова видача)."""
    REFUND = 3
    """Refund."""
    CANCELLATION = 4
    """Cancellation (сторно)."""
    CASH_WITHDRAWAL = 5
    """Cash handed out against a card."""
    OFFLINE_START = 102
    """Start of offline mode."""
    OFFLINE_END = 103
    """End of offline mode."""


class DiscountType(OpenIntEnum):
    """How a discount is stated. Codes that are not listed must be expected."""

    PERCENT = 0
    """In percent."""
    AMOUNT = 1
    """As an amount in hryvnias."""


class PaymentType(OpenIntEnum):
    """What a payment does. Codes that are not listed must be expected."""

    PAYMENT = 0
    """Payment."""
    CANCELLATION = 1
    """Cancellation."""
    REFUND = 2
    """Refund."""


class TransactionType(OpenIntEnum):
    """Means of payment. Codes that are not listed must be expected."""

    CASH = 0
    """Cash."""
    CARD = 1
    """Card."""
    ACQUIRING = 2
    """Acquiring, a card through a bank terminal."""
    BANK_DETAILS = 3
    """Transfer to bank details (IBAN)."""
    CARD_TO_CARD = 4
    """Transfer from card to card."""


class ReceiptItem(Model, kw_only=True):
    """Line of a receipt. Its times can be Kyiv time labelled +00:00, so trust the receipt's own `created_at`."""

    id: str
    """Id of the line."""
    amount: Decimal
    """Price times quantity, hryvnias."""
    price: Decimal
    """Price of one unit, hryvnias."""
    quantity: Decimal
    """Quantity, in the unit of measure."""
    classifier_code: str | None | UnsetType = UNSET
    """Code of the goods in the classifier (УКТ ЗЕД, ДКПП)."""
    classifier_type_id: ClassifierType | None | UnsetType = UNSET
    """Code of the classifier."""
    created_at: Instant | None | UnsetType = UNSET
    """Time of creation; may be Kyiv time labelled +00:00."""
    description: str | None | UnsetType = UNSET
    """Note on the line."""
    discount_amount: Decimal | None | UnsetType = UNSET
    """Discount on the line, hryvnias; null in every sample."""
    is_free_price: bool | None | UnsetType = UNSET
    """Whether the cashier may set the price."""
    is_product: bool | None | UnsetType = UNSET
    """Whether the line is a product of the catalogue."""
    name: str | None | UnsetType = UNSET
    """Name on the receipt."""
    product_id: str | None | UnsetType = UNSET
    """Id of the product."""
    receipt_id: str | None | UnsetType = UNSET
    """Id of the receipt."""
    sku: str | None | UnsetType = UNSET
    """Article number (артикул)."""
    sold_by_weight: bool | None | UnsetType = UNSET
    """Whether the product is sold by weight; only lists carry it."""
    stock_item_id: int | None | UnsetType = UNSET
    """Id in the stock; 1 in every sample and its meaning unknown."""
    tax_group_id: TaxGroup | None | UnsetType = UNSET
    """Code of the tax group."""
    unit_type_id: int | None | UnsetType = UNSET
    """Code of the unit of measure, for example 2009 for a piece (шт)."""
    unit_type_name: str | None | UnsetType = UNSET
    """Short name of the unit of measure."""
    updated_at: Instant | None | UnsetType = UNSET
    """Time of the last change; may be Kyiv time labelled +00:00."""


class PaymentPayload(Model, kw_only=True):
    """What the bank terminal said of a payment."""

    merchant: str | None | UnsetType = UNSET
    """Id of the merchant with the bank."""
    terminal: str | None | UnsetType = UNSET
    """Id of the bank terminal."""


class ReceiptItemCreate(Model, kw_only=True):
    """Line of a receipt to store."""

    name: str
    """Name on the receipt."""
    price: Decimal
    """Price of one unit, hryvnias."""
    amount: Decimal
    """Price times quantity, hryvnias."""
    quantity: Decimal
    """Quantity, in the unit of measure."""
    sku: str | UnsetType = UNSET
    """Article number (артикул)."""
    tax_group_id: TaxGroup | UnsetType = UNSET
    """Code of the tax group."""
    is_product: bool | UnsetType = UNSET
    """Whether the line is a product of the catalogue."""
    product_id: str | UnsetType = UNSET
    """Id of the product."""
    stock_item_id: int | UnsetType = UNSET
    """Id in the stock; 1 in every sample and its meaning unknown."""
    unit_type_id: int | UnsetType = UNSET
    """Code of the unit of measure, for example 2009 for a piece (шт); 0 in the samples."""
    unit_type_name: str | UnsetType = UNSET
    """Short name of the unit of measure, for example шт; in the vendor's data structures only."""
    classifier_type_id: ClassifierType | UnsetType = UNSET
    """Classifier of `classifier_code`; in the vendor's data structures only."""
    classifier_code: str | UnsetType = UNSET
    """Code of the goods (УКТ ЗЕД or ДКПП), owed for excise goods; in the vendor's data structures only."""
    discount_amount: Decimal | UnsetType = UNSET
    """Discount on the line, hryvnias; in the vendor's data structures only."""
    is_free_price: bool | UnsetType = UNSET
    """Whether the cashier entered the price; in the vendor's data structures only."""
    sold_by_weight: bool | UnsetType = UNSET
    """Whether the line was weighed at the till; in the vendor's data structures only."""
    description: str | UnsetType = UNSET
    """Note on the line."""


class PaymentTransactionCreate(Model, kw_only=True):
    """Payment to store with a receipt. No sample sends one; the fields are those of a payment that is read (inferred)."""

    amount: Decimal
    """Amount, hryvnias."""
    payment_type_id: PaymentType
    """Code of what the payment does."""
    transaction_type_id: TransactionType
    """Code of the means of payment."""
    id: str | UnsetType = UNSET
    """Id of the payment; whether the service keeps it is unknown."""
    receipt_id: str | UnsetType = UNSET
    """Id of the receipt that the payment stands in."""
    state: int | UnsetType = UNSET
    """Code of the payment's state; 1 in every sample of a read and its meaning unknown."""
    deposit_amount: Decimal | UnsetType = UNSET
    """Amount that the customer handed over, hryvnias."""
    change_amount: Decimal | UnsetType = UNSET
    """Change given back, hryvnias."""
    approval_code: str | UnsetType = UNSET
    """Approval code of the bank."""
    batch: str | UnsetType = UNSET
    """Number of the payment in the bank terminal's batch."""
    description: str | UnsetType = UNSET
    """Note on the payment."""
    pan: str | UnsetType = UNSET
    """Number of the card as the bank terminal shows it; never the whole number."""
    pan_hash: str | UnsetType = UNSET
    """Hash of the card's number."""
    payload: PaymentPayload | UnsetType = UNSET
    """What the bank terminal said."""
    result_code: str | UnsetType = UNSET
    """Result code of the bank."""
    rrn: str | UnsetType = UNSET
    """Reference number of the payment (RRN)."""
    signature: bool | UnsetType = UNSET
    """Whether the customer has to sign."""
    stan: str | UnsetType = UNSET
    """Trace number of the bank terminal (STAN)."""
    timestamp: Instant | UnsetType = UNSET
    """Time of the payment at the cash register."""


class ReceiptCreate(Model, kw_only=True):
    """Receipt to store. No refusal of a missing field was recorded; total, state and type are required here because without them a receipt says nothing (inferred)."""

    total_amount: Decimal
    """Total, hryvnias."""
    state: ReceiptState
    """Code of the receipt's state."""
    type: ReceiptType
    """Code of the operation."""
    id: str | UnsetType = UNSET
    """Id of the receipt; listed for the create, but no sample sends it, so whether the service keeps it is unknown."""
    title: str | None | UnsetType = UNSET
    """Title of the receipt."""
    discount_type_id: DiscountType | None | UnsetType = UNSET
    """Code of the discount's kind."""
    discount_amount: Decimal | None | UnsetType = UNSET
    """Discount, hryvnias."""
    discount_percentage: Decimal | None | UnsetType = UNSET
    """Discount, percent."""
    seller_id: int | None | UnsetType = UNSET
    """Id of the seller."""
    shift_id: str | None | UnsetType = UNSET
    """Id of the shift."""
    fiscal_number: str | UnsetType = UNSET
    """Fiscal number of the receipt."""
    registrar_fiscal_number: str | UnsetType = UNSET
    """Fiscal number of the registrar (ПРРО)."""
    registrar_local_number: str | None | UnsetType = UNSET
    """Local number of the registrar."""
    related_fiscal_number: str | None | UnsetType = UNSET
    """Fiscal number of the receipt that is refunded."""
    shop_id: int | None | UnsetType = UNSET
    """Id of the shop."""
    terminal_id: int | None | UnsetType = UNSET
    """Id of the terminal."""
    cashier_name: str | None | UnsetType = UNSET
    """Name of the cashier."""
    description: str | None | UnsetType = UNSET
    """Note on the receipt."""
    tax_amount: TaxAmounts | UnsetType = UNSET
    """Tax by its letter; the unit on write is unknown."""
    rounding_amount: Decimal | None | UnsetType = UNSET
    """Rounding of cash, hryvnias."""
    offline_id: int | None | UnsetType = UNSET
    """Number of the offline session."""
    offline_seed: str | None | UnsetType = UNSET
    """Seed of the offline session."""
    offline_local_number: int | None | UnsetType = UNSET
    """Number of the receipt in the offline session."""
    previous_receipt_hash: str | None | UnsetType = UNSET
    """Hash of the offline receipt before."""
    is_hidden: bool | UnsetType = UNSET
    """Whether the receipt is hidden."""
    items: list[ReceiptItemCreate] | UnsetType = UNSET
    """Lines of the receipt."""
    payment_transactions: list[PaymentTransactionCreate] | UnsetType = UNSET
    """Payments of the receipt; no sample sends them (inferred)."""


class ReceiptUpdate(Model, kw_only=True):
    """Fields of a receipt to change; what is left out stays as it is (inferred)."""

    id: str | UnsetType = UNSET
    """Id of the receipt; the Blueprint's samples repeat the path's id here."""
    title: str | None | UnsetType = UNSET
    """Title of the receipt."""
    total_amount: Decimal | UnsetType = UNSET
    """Total, hryvnias."""
    state: ReceiptState | UnsetType = UNSET
    """Code of the receipt's state."""
    type: ReceiptType | UnsetType = UNSET
    """Code of the operation."""
    discount_type_id: DiscountType | None | UnsetType = UNSET
    """Code of the discount's kind."""
    discount_amount: Decimal | None | UnsetType = UNSET
    """Discount, hryvnias."""
    discount_percentage: Decimal | None | UnsetType = UNSET
    """Discount, percent."""
    seller_id: int | None | UnsetType = UNSET
    """Id of the seller."""
    shift_id: str | None | UnsetType = UNSET
    """Id of the shift."""
    fiscal_number: str | UnsetType = UNSET
    """Fiscal number of the receipt."""
    registrar_fiscal_number: str | UnsetType = UNSET
    """Fiscal number of the registrar (ПРРО)."""
    registrar_local_number: str | None | UnsetType = UNSET
    """Local number of the registrar."""
    related_fiscal_number: str | None | UnsetType = UNSET
    """Fiscal number of the receipt that is refunded."""
    shop_id: int | None | UnsetType = UNSET
    """Id of the shop."""
    terminal_id: int | None | UnsetType = UNSET
    """Id of the terminal."""
    cashier_name: str | None | UnsetType = UNSET
    """Name of the cashier."""
    description: str | None | UnsetType = UNSET
    """Note on the receipt."""
    tax_amount: TaxAmounts | UnsetType = UNSET
    """Tax by its letter; the unit on write is unknown."""
    rounding_amount: Decimal | None | UnsetType = UNSET
    """Rounding of cash, hryvnias."""
    offline_id: int | None | UnsetType = UNSET
    """Number of the offline session."""
    offline_seed: str | None | UnsetType = UNSET
    """Seed of the offline session."""
    offline_local_number: int | None | UnsetType = UNSET
    """Number of the receipt in the offline session."""
    previous_receipt_hash: str | None | UnsetType = UNSET
    """Hash of the offline receipt before."""
    is_hidden: bool | UnsetType = UNSET
    """Whether the receipt is hidden."""
    items: list[ReceiptItemCreate] | UnsetType = UNSET
    """Lines of the receipt."""
    payment_transactions: list[PaymentTransactionCreate] | UnsetType = UNSET
    """Payments of the receipt, which replace those it has (inferred); no sample sends them. A deferred receipt is closed by its payment and state 2."""


class ReceiptBatch(Model, kw_only=True):
    """Receipts to store together."""

    receipts: list[ReceiptCreate]
    """Receipts."""


ProductStock: TypeAlias = dict[str, Any]
"""
Stock of a listed product. It was recorded as an empty object only, so its keys and values are unknown.
"""


class CategoryType(Model, kw_only=True):
    """Kind of goods that the service itself knows, apart from the user's own categories."""

    id: int
    """Id of the category type."""
    parent_id: int | None | UnsetType = UNSET
    """Id of the type above; null in what was recorded."""
    title: str | None | UnsetType = UNSET
    """Title of the category type."""


class ProductCreate(Model, kw_only=True):
    """A product to create."""

    title: str
    """Title of the product."""
    remote_id: str | UnsetType = UNSET
    """Id in the user's own system; in the vendor's data structures only."""
    number: str | UnsetType = UNSET
    """Barcode (штрихкод), not unique."""
    alter_number: str | UnsetType = UNSET
    """Alternative number; writing it is inferred."""
    alter_title: str | UnsetType = UNSET
    """Alternative title; writing it is inferred."""
    price: Decimal | UnsetType = UNSET
    """Sale price of one unit, hryvnias."""
    procurement_price: Decimal | UnsetType = UNSET
    """Purchase price of one unit, hryvnias."""
    is_free_price: bool | UnsetType = UNSET
    """Whether the cashier enters the price; writing it is inferred."""
    is_without_number: bool | UnsetType = UNSET
    """Whether there is no barcode; writing it is inferred."""
    sold_by_weight: bool | UnsetType = UNSET
    """Whether the product is weighed at the till."""
    unit_type_id: int | UnsetType = UNSET
    """Code of the unit of measure, 0 in the recorded requests."""
    portion_amount: int | UnsetType = UNSET
    """Size of a portion in the unit that `portion_type_id` names."""
    portion_type_id: int | UnsetType = UNSET
    """Code of the portion's unit; the values are not documented."""
    classifier_type_id: ClassifierType | UnsetType = UNSET
    """Classifier of `classifier_code`."""
    classifier_code: str | UnsetType = UNSET
    """Code of the goods (УКТ ЗЕД or ДКПП), owed for excise goods."""
    tax_group_id: TaxGroup | UnsetType = UNSET
    """Tax group of the product."""
    category_id: str | UnsetType = UNSET
    """Id of the category."""
    category_type_id: int | UnsetType = UNSET
    """Id of the category type."""
    subgroup_id: int | UnsetType = UNSET
    """Id of the subgroup; writing it is inferred."""
    picture: PictureUpload | UnsetType = UNSET
    """Picture of the product; in the vendor's data structures only."""
    bookmark_ids: list[int | str] | UnsetType = UNSET
    """Ids of the till's bookmarks that show the product. Only empty lists were recorded, the items' type is unknown."""
    user_id: int | UnsetType = UNSET
    """Id of the user who creates the product."""
    owner_id: int | UnsetType = UNSET
    """Id of the owner's account."""


class ProductUpdate(Model, kw_only=True):
    """Changes to a product. A field that is left out stays as it is, null clears it (inferred)."""

    id: str | UnsetType = UNSET
    """Id of the product; the Blueprint's samples repeat the path's id here."""
    remote_id: str | None | UnsetType = UNSET
    """Id in the user's own system; in the vendor's data structures only."""
    number: str | None | UnsetType = UNSET
    """Barcode (штрихкод), not unique."""
    title: str | UnsetType = UNSET
    """Title of the product."""
    alter_number: str | None | UnsetType = UNSET
    """Alternative number; writing it is inferred."""
    alter_title: str | None | UnsetType = UNSET
    """Alternative title; writing it is inferred."""
    price: Decimal | UnsetType = UNSET
    """Sale price of one unit, hryvnias."""
    procurement_price: Decimal | None | UnsetType = UNSET
    """Purchase price of one unit, hryvnias."""
    is_free_price: bool | UnsetType = UNSET
    """Whether the cashier enters the price; writing it is inferred."""
    is_without_number: bool | UnsetType = UNSET
    """Whether there is no barcode; writing it is inferred."""
    sold_by_weight: bool | UnsetType = UNSET
    """Whether the product is weighed at the till."""
    unit_type_id: int | UnsetType = UNSET
    """Code of the unit of measure, 0 in the recorded requests."""
    portion_amount: int | None | UnsetType = UNSET
    """Size of a portion in the unit that `portion_type_id` names."""
    portion_type_id: int | None | UnsetType = UNSET
    """Code of the portion's unit; the values are not documented."""
    classifier_type_id: ClassifierType | UnsetType = UNSET
    """Classifier of `classifier_code`."""
    classifier_code: str | None | UnsetType = UNSET
    """Code of the goods (УКТ ЗЕД or ДКПП), owed for excise goods."""
    tax_group_id: TaxGroup | UnsetType = UNSET
    """Tax group of the product."""
    category_id: str | None | UnsetType = UNSET
    """Id of the category."""
    category_type_id: int | None | UnsetType = UNSET
    """Id of the category type."""
    subgroup_id: int | None | UnsetType = UNSET
    """Id of the subgroup; writing it is inferred."""
    picture: PictureUpload | None | UnsetType = UNSET
    """Picture of the product; in the vendor's data structures only."""
    bookmark_ids: list[int | str] | UnsetType = UNSET
    """Ids of the till's bookmarks that show the product. Only empty lists were recorded, the items' type is unknown."""
    user_id: int | UnsetType = UNSET
    """Id of the user who created the product."""
    owner_id: int | UnsetType = UNSET
    """Id of the owner's account."""


class ProductSalesLine(Model, kw_only=True):
    """What one product sold. Money and counts are strings here."""

    id: str
    """Id of the product."""
    title: str
    """Title of the product."""
    total_amount: Decimal
    """Turnover of the product, hryvnias."""
    total_count: Decimal
    """Quantity sold, in the product's unit of measure."""
    category_id: str | None | UnsetType = UNSET
    """Id of the product's category."""
    number: str | None | UnsetType = UNSET
    """Number of the product in the catalogue."""
    picture: Picture | None | UnsetType = UNSET
    """Picture of the product."""
    popularity: Decimal | None | UnsetType = UNSET
    """Measure of how well the product sells; its unit is unknown."""
    price: Decimal | None | UnsetType = UNSET
    """Price of one unit, hryvnias."""
    subgroup_id: int | None | UnsetType = UNSET
    """Id of the product's subgroup; null in the sample."""
    subgroup_title: str | None | UnsetType = UNSET
    """Title of the product's subgroup; null in the sample."""
    unit_type_id: int | None | UnsetType = UNSET
    """Unit of measure; 0 in samples of the catalogue, a unit's code in receipts."""
    unit_type_name: str | None | UnsetType = UNSET
    """Short name of the unit of measure; null in the sample."""


class ProductSales(Model, kw_only=True):
    """Sales by product, with totals. The totals are JSON numbers."""

    products: list[ProductSalesLine]
    """A line for each product that sold."""
    total_amount: Decimal
    """Turnover of all products, hryvnias."""
    total_count: Decimal
    """Quantity sold of all products, whatever their units of measure."""
    id: int | None | UnsetType = UNSET
    """Id that comes with the totals; what it names is unknown, perhaps the shop (inferred)."""


class ProductSalesAnswer(Model, kw_only=True):
    """Answer with the sales by product."""

    data: ProductSales
    """Totals and lines."""
    meta: EmptyMeta
    """Empty."""


class ShiftState(OpenIntEnum):
    """State of a shift; its meanings are read off the samples (inferred). Codes that are not listed must be expected."""

    OPEN = 0
    """Open; closed_at is null (inferred)."""
    CLOSED = 1
    """Closed; closed_at and closed_by are set (inferred)."""
    ARCHIVED = 2
    """Archived (inferred from a third party's text); the one recorded shift was opened eight days before the others and never closed."""


class Shift(Model, kw_only=True):
    """Shift (зміна) of a cash register, from its opening to the Z-report that closes it; by law at most 24 hours long."""

    id: str
    """Id of the shift."""
    opened_at: Instant
    """Time of opening."""
    state: ShiftState
    """Code of the shift's state."""
    cash_balance: Decimal | None | UnsetType = UNSET
    """Cash in the drawer, hryvnias."""
    closed_at: Instant | None | UnsetType = UNSET
    """Time of closing; null while the shift is open."""
    closed_by: str | None | UnsetType = UNSET
    """Name of the person who closed the shift; null while it is open."""
    device_uid: str | None | UnsetType = UNSET
    """Unique id of the device; a UUID in every sample."""
    employee_id: int | None | UnsetType = UNSET
    """Id of the employee who works the shift; null in every sample."""
    fiscal_number: str | None | UnsetType = UNSET
    """Fiscal number of the shift."""
    opened_by: str | None | UnsetType = UNSET
    """Name of the person who opened the shift."""
    registrar_fiscal_number: str | None | UnsetType = UNSET
    """Fiscal number of the registrar (ПРРО); null in every sample."""
    remote_shift_id: str | None | UnsetType = UNSET
    """Id of the shift on the tax service's server; a UUID in every sample."""
    terminal_id: int | None | UnsetType = UNSET
    """Id of the terminal; null in the shift that a Z-report carries."""
    terminal_user_id: int | None | UnsetType = UNSET
    """Id of the terminal's user who works the shift."""


class ShiftAnswer(Model, kw_only=True):
    """Answer with one shift."""

    data: Shift
    """The shift."""
    meta: EmptyMeta
    """Empty."""


class ShiftPage(Model, kw_only=True):
    """One page of the list of shifts."""

    data: list[Shift]
    """Shifts of this page."""
    meta: PageMeta
    """Where the page stands in the list."""


class Address(Model, kw_only=True):
    """A stored address of a shop or an employee."""

    id: int
    """Id of the address."""
    address_type_id: int | None | UnsetType = UNSET
    """Code of the kind of address. No list is published; the samples have 0 with shops and 1 with legal addresses of employees."""
    city_id: Any | UnsetType = UNSET
    """City in the vendor's directory. Only with employees and null in every sample; any JSON (inferred)."""
    city_name: str | None | UnsetType = UNSET
    """Name of the town or village."""
    content: str | None | UnsetType = UNSET
    """Street and house."""
    created_at: Instant | None | UnsetType = UNSET
    """Moment of creation; carries its own offset."""
    region_id: int | None | UnsetType = UNSET
    """Id of the region in the vendor's directory (inferred). Only with employees and null in every sample."""
    updated_at: Instant | None | UnsetType = UNSET
    """Moment of the last change; carries its own offset."""
    zip_code: str | None | UnsetType = UNSET
    """Postal code, five digits."""


class ShopAddressForm(Model, kw_only=True):
    """Address of a shop in a request."""

    zip_code: str | UnsetType = UNSET
    """Postal code, five digits."""
    city_name: str | UnsetType = UNSET
    """Name of the town or village."""
    content: str | UnsetType = UNSET
    """Street and house."""


class Shop(Model, kw_only=True):
    """A shop (торгова точка). Where other records embed one, its address is left out."""

    id: int
    """Id of the shop."""
    title: str
    """Title of the shop."""
    address: Address | None | UnsetType = UNSET
    """Address of the shop; left out where the shop is embedded in another record."""
    business_category_id: int | None | UnsetType = UNSET
    """Id of the line of business in the vendor's directory."""
    created_at: Instant | None | UnsetType = UNSET
    """Moment of creation; carries its own offset."""
    email: str | None | UnsetType = UNSET
    """E-mail address of the shop."""
    employees_count: int | None | UnsetType = UNSET
    """Number of employees as the service keeps it; it was seen to lag behind the staff itself."""
    fiscal_numbers: list[Any] | None | UnsetType = UNSET
    """Fiscal numbers of the shop's cash registers (inferred); empty in every sample."""
    fiscalization_enabled: bool | None | UnsetType = UNSET
    """Whether the shop issues fiscal receipts."""
    is_excise_taxation: bool | None | UnsetType = UNSET
    """Whether the shop sells excise goods."""
    is_vat_taxation: bool | None | UnsetType = UNSET
    """Whether the shop pays VAT (ПДВ)."""
    owner_id: int | None | UnsetType = UNSET
    """Id of the user who owns the shop."""
    phone_number: str | None | UnsetType = UNSET
    """Phone number, digits; with the country code (380…) after a write."""
    state: int | None | UnsetType = UNSET
    """Code of the state. The vendor publishes no list; every sample has 0."""
    terminals_count: int | None | UnsetType = UNSET
    """Number of terminals as the service keeps it."""
    updated_at: Instant | None | UnsetType = UNSET
    """Moment of the last change; carries its own offset."""
    website_url: str | None | UnsetType = UNSET
    """Website of the shop."""


class ShopCreate(Model, kw_only=True):
    """A shop to create."""

    __phone_fields__: ClassVar[frozenset[str]] = frozenset(["phone_number"])

    title: str
    """Title of the shop, not blank."""
    email: str | UnsetType = UNSET
    """E-mail address of the shop."""
    phone_number: str | UnsetType = UNSET
    """Phone number, digits; stored with the country code, 380…."""
    state: int | UnsetType = UNSET
    """Code of the state. The vendor publishes no list; the samples send 0."""
    website_url: str | UnsetType = UNSET
    """Website of the shop."""
    business_category_id: int | None | UnsetType = UNSET
    """Id of the line of business in the vendor's directory; null for none."""
    picture: PictureUpload | UnsetType = UNSET
    """Picture of the shop; answers were not seen to show it."""
    fiscal_numbers: list[str] | None | UnsetType = UNSET
    """Fiscal numbers of the shop's cash registers (inferred); empty in every sample."""
    fiscalization_enabled: bool | UnsetType = UNSET
    """Whether the shop issues fiscal receipts."""
    is_vat_taxation: bool | UnsetType = UNSET
    """Whether the shop pays VAT (ПДВ)."""
    is_excise_taxation: bool | UnsetType = UNSET
    """Whether the shop sells excise goods."""
    address: ShopAddressForm | None | UnsetType = UNSET
    """Address of the shop; null for none."""


class ShopUpdate(Model, kw_only=True):
    """What to change in a shop; what is left out stays (inferred)."""

    __phone_fields__: ClassVar[frozenset[str]] = frozenset(["phone_number"])

    title: str | UnsetType = UNSET
    """Title of the shop, not blank."""
    email: str | UnsetType = UNSET
    """E-mail address of the shop."""
    phone_number: str | UnsetType = UNSET
    """Phone number, digits; stored with the country code, 380…."""
    state: int | UnsetType = UNSET
    """Code of the state. The vendor publishes no list; the samples send 0."""
    website_url: str | UnsetType = UNSET
    """Website of the shop."""
    business_category_id: int | None | UnsetType = UNSET
    """Id of the line of business in the vendor's directory; null for none."""
    picture: PictureUpload | UnsetType = UNSET
    """Picture of the shop; answers were not seen to show it."""
    fiscal_numbers: list[str] | None | UnsetType = UNSET
    """Fiscal numbers of the shop's cash registers (inferred); empty in every sample."""
    fiscalization_enabled: bool | UnsetType = UNSET
    """Whether the shop issues fiscal receipts."""
    is_vat_taxation: bool | UnsetType = UNSET
    """Whether the shop pays VAT (ПДВ)."""
    is_excise_taxation: bool | UnsetType = UNSET
    """Whether the shop sells excise goods."""
    address: ShopAddressForm | None | UnsetType = UNSET
    """Address of the shop; null for none."""


class StaffMember(Model, kw_only=True):
    """An employee in short, in the list of a shop's staff."""

    id: int
    """Id of the employee."""
    first_name: str
    """First name."""
    last_name: str | None | UnsetType = UNSET
    """Last name."""
    role_id: int | None | UnsetType = UNSET
    """Id of the employee's role."""
    state: int | None | UnsetType = UNSET
    """Code of the state. The vendor publishes no list; the sample has 0."""
    updated_at: Instant | None | UnsetType = UNSET
    """Moment of the last change; carries its own offset."""


class ShopStaff(Model, kw_only=True):
    """A shop in short, with its staff."""

    id: int
    """Id of the shop."""
    employees: list[StaffMember]
    """Staff of the shop."""
    title: str
    """Title of the shop."""
    employees_count: int | None | UnsetType = UNSET
    """Number of employees as the service keeps it; the sample says 0 beside one employee."""
    state: int | None | UnsetType = UNSET
    """Code of the shop's state. The vendor publishes no list; the sample has 0."""


class ShopAnswer(Model, kw_only=True):
    """Answer that carries one shop."""

    data: Shop
    """The shop."""
    meta: EmptyMeta
    """Empty."""


class ShopPage(Model, kw_only=True):
    """A page of shops."""

    data: list[Shop]
    """Shops of this page."""
    meta: PageMeta
    """Where the page stands in the list."""


class ShopStaffList(Model, kw_only=True):
    """All shops with their staff, whole."""

    data: list[ShopStaff]
    """Shops with their staff."""
    meta: CountMeta
    """Size of the list."""


class Subgroup(Model, kw_only=True):
    """Subgroup of products, a flat label beside the tree of categories."""

    id: int
    """Id of the subgroup."""
    title: str
    """Title of the subgroup."""
    created_at: Instant | None | UnsetType = UNSET
    """Time of creation, with an offset."""
    updated_at: Instant | None | UnsetType = UNSET
    """Time of the last change, with an offset."""


class SubgroupCreate(Model, kw_only=True):
    """A subgroup to create."""

    title: str
    """Title of the subgroup."""


class SubgroupUpdate(Model, kw_only=True):
    """Changes to a subgroup."""

    id: int | UnsetType = UNSET
    """Id of the subgroup; the Blueprint's samples repeat the path's id here."""
    title: str | UnsetType = UNSET
    """Title of the subgroup."""


class SubgroupAnswer(Model, kw_only=True):
    """Answer with one subgroup."""

    data: Subgroup
    """The subgroup."""
    meta: EmptyMeta
    """Empty."""


class SubgroupList(Model, kw_only=True):
    """All subgroups."""

    data: list[Subgroup]
    """The subgroups."""
    meta: CountMeta
    """Size of the list."""


class Terminal(Model, kw_only=True):
    """A point-of-sale terminal (термінал), the device that a shop sells on."""

    id: int
    """Id of the terminal."""
    activated_at: Instant | None | UnsetType = UNSET
    """Moment of the activation. Null in every sample (inferred)."""
    core_terminal_id: int | None | UnsetType = UNSET
    """Id of the terminal in the vendor's core system (inferred)."""
    created_at: Instant | None | UnsetType = UNSET
    """Moment of creation; carries its own offset."""
    name: str | None | UnsetType = UNSET
    """Name that people know the terminal by."""
    picture: Picture | None | UnsetType = UNSET
    """Picture of the terminal; a delete's answer leaves it out."""
    properties: Any | UnsetType = UNSET
    """Settings of the terminal. Null in every sample, so they may be any JSON (inferred)."""
    serial_number: str | None | UnsetType = UNSET
    """Serial number of the device, digits in the samples."""
    shop_id: int | None | UnsetType = UNSET
    """Id of the shop that the terminal stands in; null where it stands in none (inferred)."""
    state: int | None | UnsetType = UNSET
    """Code of the state. The vendor publishes no list; every sample has 1."""
    updated_at: Instant | None | UnsetType = UNSET
    """Moment of the last change; carries its own offset."""


class TerminalUpdate(Model, kw_only=True):
    """What to change in a terminal; what is left out stays."""

    id: int | None | UnsetType = UNSET
    """The Blueprint's samples repeat the path's id here."""
    name: str | UnsetType = UNSET
    """New name."""
    shop_id: int | None | UnsetType = UNSET
    """Id of the shop to move the terminal to; null takes it out of its shop (inferred)."""


class TerminalAnswer(Model, kw_only=True):
    """Answer that carries one terminal."""

    data: Terminal
    """The terminal."""
    meta: EmptyMeta
    """Empty."""


class TerminalPage(Model, kw_only=True):
    """A page of terminals."""

    data: list[Terminal]
    """Terminals of this page."""
    meta: PageMeta
    """Where the page stands in the list."""


class UnitType(Model, kw_only=True):
    """A unit of measure (одиниця виміру)."""

    id: int
    """Id of the unit in the service."""
    code: int | None | UnsetType = UNSET
    """Code of the unit in the state classifier (inferred), for example 2009 шт, 301 кг, 303 гр, 101 м, 2061 пляшка, 3011 порція; items of receipts carry it."""
    is_visible: bool | None | UnsetType = UNSET
    """Whether the unit is offered for choice (inferred)."""
    is_weighted: bool | None | UnsetType = UNSET
    """Whether quantities in this unit are measured rather than counted (inferred)."""
    name: str | None | UnsetType = UNSET
    """Full name in Ukrainian, for example Кілограм."""
    short_name: str | None | UnsetType = UNSET
    """Short name in Ukrainian, for example кг."""


class UnitTypeList(Model, kw_only=True):
    """The units of measure, whole."""

    data: list[UnitType]
    """Units of measure, ordered by name (inferred)."""
    meta: CountMeta
    """Size of the list."""


class Category(Model, kw_only=True):
    """Category of the catalogue. Inside a product it comes without its shops, and only the list of categories carries the partner."""

    id: str
    """Id of the category."""
    title: str
    """Title of the category."""
    parent_id: str | None | UnsetType = UNSET
    """Id of the category above; null for one at the top."""
    color_id: int | None | UnsetType = UNSET
    """Code of the tile's colour at the till; the palette is not documented."""
    partner_id: int | None | UnsetType = UNSET
    """Id of the partner that the category belongs to."""
    partner: Partner | None | UnsetType = UNSET
    """Partner that the category belongs to; in the list of categories only."""
    products_count: int | None | UnsetType = UNSET
    """Number of products in the category."""
    shop_ids: list[Any] | None | UnsetType = UNSET
    """Shops that offer the category. Only empty lists were recorded, so an item may be any JSON (inferred)."""
    created_at: Instant | None | UnsetType = UNSET
    """Time of creation, with an offset. Answers to creates were recorded with UTC labelled as Kyiv time (+02:00)."""
    updated_at: Instant | None | UnsetType = UNSET
    """Time of the last change, with an offset. Answers to writes were recorded with UTC labelled as Kyiv time (+02:00)."""


class CategoryAnswer(Model, kw_only=True):
    """Answer with one category."""

    data: Category
    """The category."""
    meta: EmptyMeta
    """Empty."""


class CategoryPage(Model, kw_only=True):
    """One page of categories."""

    data: list[Category]
    """Categories of this page."""
    meta: PageMeta
    """Where the page stands in the list."""


class Employee(Model, kw_only=True):
    """An employee (працівник). Holds personal data and a secret, the PIN code."""

    __secret_fields__: ClassVar[frozenset[str]] = frozenset(["pin_code"])

    id: int
    """Id of the employee."""
    first_name: str
    """First name."""
    additional_phone_number: str | None | UnsetType = UNSET
    """Second phone number, digits with the country code, 380…."""
    address_legal: Address | None | UnsetType = UNSET
    """Registered address; only the answer to a create was seen to carry it."""
    avatar: Picture | None | UnsetType = UNSET
    """Portrait; left out where there is none."""
    birthday: Instant | None | UnsetType = UNSET
    """Day of birth as midnight UTC; take the date and do not convert it to Kyiv time."""
    created_at: Instant | None | UnsetType = UNSET
    """Moment of creation; carries its own offset."""
    email: str | None | UnsetType = UNSET
    """E-mail address."""
    gender_type_id: int | None | UnsetType = UNSET
    """Code of the gender. The vendor publishes no list."""
    inn: str | None | UnsetType = UNSET
    """Taxpayer number (РНОКПП), ten digits."""
    joined_at: Instant | None | UnsetType = UNSET
    """Day of joining as midnight UTC; take the date and do not convert it to Kyiv time."""
    last_name: str | None | UnsetType = UNSET
    """Last name."""
    middle_name: str | None | UnsetType = UNSET
    """Patronymic (по батькові)."""
    notes: str | None | UnsetType = UNSET
    """Notes of the employer."""
    passport_number: str | None | UnsetType = UNSET
    """Number of the passport, digits."""
    passport_serial: str | None | UnsetType = UNSET
    """Series of the passport, two letters."""
    phone_number: str | None | UnsetType = UNSET
    """Phone number, digits; with the country code (380…) after a write."""
    pin_code: str | None | UnsetType = UNSET
    """PIN code that opens the till, digits. A secret; lists leave it out, an update answers null."""
    role: Role | None | UnsetType = UNSET
    """Role of the employee; the answer to an update leaves it out."""
    role_id: int | None | UnsetType = UNSET
    """Id of the role."""
    state: int | None | UnsetType = UNSET
    """Code of the state. The vendor publishes no list; the samples have 0."""
    updated_at: Instant | None | UnsetType = UNSET
    """Moment of the last change; carries its own offset."""


class EmployeeAnswer(Model, kw_only=True):
    """Answer that carries one employee."""

    data: Employee
    """The employee."""
    meta: EmptyMeta
    """Empty."""


class EmployeePage(Model, kw_only=True):
    """A page of employees."""

    data: list[Employee]
    """Employees of this page."""
    meta: PageMeta
    """Where the page stands in the list."""


class CategoryBatchAnswer(Model, kw_only=True):
    """Answer with the categories of a batch."""

    data: list[Category]
    """The categories."""
    meta: EmptyMeta
    """Empty."""


class ProductBatch(Model, kw_only=True):
    """Products to create together. The largest number is not documented."""

    products: list[ProductCreate]
    """The products."""


class ZReport(Model, kw_only=True):
    """Fiscal report that closes a shift (Z-звіт). Its money is in hryvnias and comes as JSON numbers. In the tax fields the last letter before `total` transliterates the tax's own: a А, b Б, v В, d Д, z З (inferred)."""

    id: int
    """Id of the Z-report."""
    created_at: Instant
    """Time when the service stored the report."""
    fiscal_number: str
    """Fiscal number of the Z-report."""
    cash_amount: Decimal | None | UnsetType = UNSET
    """Cash in the drawer, hryvnias (inferred)."""
    cash_receipts_count: int | None | UnsetType = UNSET
    """Number of cash withdrawals (видача готівки); the meaning is inferred."""
    cash_total: Decimal | None | UnsetType = UNSET
    """Cash withdrawals, hryvnias. Inferred from the commission that stands beside it in the payload, and from the recorded report, where it is not zero while all sales are."""
    payload: Any | UnsetType = UNSET
    """The report as the registrar sent it, every key as it came; camelCase and snake_case are mixed. The recorded one has `timestamp` (milliseconds since 1970 UTC, as text), `cashierName`, `fiscalNumber`, `registrarFiscalNumber`, `registrarLocalNumber`, and in hryvnias `cash_amount`, `service_input`, `service_output`, `turnover_amount` and `cash`, an object with `total`, `commission` and `receipts_count`. The meaning of most is inferred."""
    refund_cash_total: Decimal | None | UnsetType = UNSET
    """Refunds in cash, hryvnias."""
    refund_cashless_total: Decimal | None | UnsetType = UNSET
    """Refunds without cash, hryvnias."""
    refund_receipts_count: int | None | UnsetType = UNSET
    """Number of refund receipts."""
    refund_tax_a_total: Decimal | None | UnsetType = UNSET
    """Tax А in refunds, hryvnias."""
    refund_tax_b_total: Decimal | None | UnsetType = UNSET
    """Tax Б in refunds, hryvnias."""
    refund_tax_d_total: Decimal | None | UnsetType = UNSET
    """Tax Д in refunds, hryvnias."""
    refund_tax_v_total: Decimal | None | UnsetType = UNSET
    """Tax В in refunds, hryvnias."""
    refund_tax_z_total: Decimal | None | UnsetType = UNSET
    """Tax З in refunds, hryvnias."""
    refund_total: Decimal | None | UnsetType = UNSET
    """All refunds, hryvnias."""
    registrar_fiscal_number: str | None | UnsetType = UNSET
    """Fiscal number of the registrar (ПРРО)."""
    sale_cash_total: Decimal | None | UnsetType = UNSET
    """Sales in cash, hryvnias."""
    sale_cashless_total: Decimal | None | UnsetType = UNSET
    """Sales without cash, hryvnias."""
    sale_receipts_count: int | None | UnsetType = UNSET
    """Number of sale receipts."""
    sale_tax_a_total: Decimal | None | UnsetType = UNSET
    """Tax А in sales, hryvnias."""
    sale_tax_b_total: Decimal | None | UnsetType = UNSET
    """Tax Б in sales, hryvnias."""
    sale_tax_d_total: Decimal | None | UnsetType = UNSET
    """Tax Д in sales, hryvnias."""
    sale_tax_v_total: Decimal | None | UnsetType = UNSET
    """Tax В in sales, hryvnias."""
    sale_tax_z_total: Decimal | None | UnsetType = UNSET
    """Tax З in sales, hryvnias."""
    sale_total: Decimal | None | UnsetType = UNSET
    """All sales, hryvnias."""
    service_input: Decimal | None | UnsetType = UNSET
    """Cash put in by service operations, hryvnias."""
    service_output: Decimal | None | UnsetType = UNSET
    """Cash taken out by service operations, hryvnias."""
    shift: Shift | None | UnsetType = UNSET
    """The shift that the report closes; the sample shows it still open, so the nested state may lag."""
    shift_id: str | None | UnsetType = UNSET
    """Id of the shift that the report closes."""
    shop: Shop | None | UnsetType = UNSET
    """Shop of the cash register; it comes without its address here."""
    shop_id: int | None | UnsetType = UNSET
    """Id of the shop."""
    terminal_id: int | None | UnsetType = UNSET
    """Id of the terminal."""
    terminal_user_name: str | None | UnsetType = UNSET
    """Name of the terminal's user, the cashier."""
    turnover_amount: Decimal | None | UnsetType = UNSET
    """Turnover, hryvnias; 0 in the sample."""


class ZReportPage(Model, kw_only=True):
    """One page of the list of Z-reports."""

    data: list[ZReport]
    """Z-reports of this page."""
    meta: PageMeta
    """Where the page stands in the list."""


class StockCard(Model, kw_only=True):
    """Count of one product in one shop. Lists and single reads carry the product and the shop, other answers do not."""

    id: int
    """Id of the card."""
    product_id: str
    """Id of the product."""
    shop_id: int
    """Id of the shop."""
    counting_enabled: bool | None | UnsetType = UNSET
    """Whether sales change the count."""
    count: Decimal | None | UnsetType = UNSET
    """Stock on hand (залишок), in the product's unit of measure."""
    owner_id: int | None | UnsetType = UNSET
    """Id of the owner's account."""
    product: Product | None | UnsetType = UNSET
    """The product that is counted."""
    shop: Shop | None | UnsetType = UNSET
    """The shop that holds the stock, without its address."""
    created_at: Instant | None | UnsetType = UNSET
    """Time of creation, with an offset."""
    updated_at: Instant | None | UnsetType = UNSET
    """Time of the last change, with an offset."""


class CardAnswer(Model, kw_only=True):
    """Answer with one stock card."""

    data: StockCard
    """The card."""
    meta: EmptyMeta
    """Empty."""


class CardList(Model, kw_only=True):
    """All stock cards."""

    data: list[StockCard]
    """The stock cards."""
    meta: CountMeta
    """Size of the list."""


class PaymentTransaction(Model, kw_only=True):
    """Payment of a receipt. A receipt can have several, one for each means of payment."""

    id: str
    """Id of the payment."""
    amount: Decimal
    """Amount, hryvnias."""
    payment_type_id: PaymentType
    """Code of what the payment does."""
    transaction_type_id: TransactionType
    """Code of the means of payment."""
    approval_code: str | None | UnsetType = UNSET
    """Approval code of the bank."""
    batch: str | None | UnsetType = UNSET
    """Number of the payment in the bank terminal's batch."""
    change_amount: Decimal | None | UnsetType = UNSET
    """Change given back, hryvnias."""
    created_at: Instant | None | UnsetType = UNSET
    """Time when the service stored the payment."""
    deposit_amount: Decimal | None | UnsetType = UNSET
    """Amount that the customer handed over, hryvnias."""
    description: str | None | UnsetType = UNSET
    """Note on the payment; null in every sample."""
    pan: str | None | UnsetType = UNSET
    """Number of the card, as the bank terminal shows it."""
    pan_hash: str | None | UnsetType = UNSET
    """Hash of the card's number."""
    payload: Any | UnsetType = UNSET
    """What the bank terminal said, as it came; `merchant` and `terminal` in the samples."""
    receipt: Receipt | None | UnsetType = UNSET
    """The receipt, without items and payments; only the read of one payment carries it."""
    receipt_id: str | None | UnsetType = UNSET
    """Id of the receipt."""
    result_code: str | None | UnsetType = UNSET
    """Result code of the bank."""
    rrn: str | None | UnsetType = UNSET
    """Reference number of the payment (RRN); cash has one too."""
    signature: bool | None | UnsetType = UNSET
    """Whether the customer has to sign."""
    stan: str | None | UnsetType = UNSET
    """Trace number of the bank terminal (STAN)."""
    state: int | None | UnsetType = UNSET
    """Code of the payment's state; 1 in every sample and its meaning unknown."""
    timestamp: Instant | None | UnsetType = UNSET
    """Time of the payment at the cash register; it can be trusted."""
    updated_at: Instant | None | UnsetType = UNSET
    """Time of the last change."""


class Receipt(Model, kw_only=True):
    """Receipt (чек) of a sale, a refund or a service operation. Lists carry items and payments, single reads and writes only items, deletions and the receipt of a payment neither."""

    id: str
    """Id of the receipt."""
    created_at: Instant
    """Time of creation; it can be trusted."""
    state: ReceiptState
    """Code of the receipt's state."""
    total_amount: Decimal
    """Total, hryvnias."""
    type: ReceiptType
    """Code of the operation."""
    updated_at: Instant
    """Time of the last change."""
    cashier_name: str | None | UnsetType = UNSET
    """Name of the cashier."""
    description: str | None | UnsetType = UNSET
    """Note on the receipt."""
    discount_amount: Decimal | None | UnsetType = UNSET
    """Discount, hryvnias."""
    discount_percentage: Decimal | None | UnsetType = UNSET
    """Discount, percent."""
    discount_type_id: DiscountType | None | UnsetType = UNSET
    """Code of the discount's kind; only lists carry it."""
    fiscal_number: str | None | UnsetType = UNSET
    """Fiscal number of the receipt; null where it was not fiscalized."""
    is_hidden: bool | None | UnsetType = UNSET
    """Whether the receipt is hidden."""
    items: list[ReceiptItem] | None | UnsetType = UNSET
    """Lines of the receipt."""
    offline_id: int | None | UnsetType = UNSET
    """Number of the offline session."""
    offline_local_number: int | None | UnsetType = UNSET
    """Number of the receipt in the offline session; null in every sample."""
    offline_seed: str | None | UnsetType = UNSET
    """Seed of the offline session."""
    payment_transactions: list[PaymentTransaction] | None | UnsetType = UNSET
    """Payments of the receipt; only lists carry them."""
    previous_receipt_hash: str | None | UnsetType = UNSET
    """Hash of the offline receipt before; null in every sample."""
    registrar_fiscal_number: str | None | UnsetType = UNSET
    """Fiscal number of the registrar (ПРРО)."""
    registrar_local_number: str | None | UnsetType = UNSET
    """Local number of the registrar; null in every sample."""
    related_fiscal_number: str | None | UnsetType = UNSET
    """Fiscal number of the receipt that is refunded; null in every sample."""
    rounding_amount: Decimal | None | UnsetType = UNSET
    """Rounding of cash, hryvnias; card payments are never rounded."""
    seller_id: int | None | UnsetType = UNSET
    """Id of the seller; 0 in lists where there is none (inferred)."""
    shift_id: str | None | UnsetType = UNSET
    """Id of the shift."""
    shop_id: int | None | UnsetType = UNSET
    """Id of the shop."""
    tax_amount: TaxAmounts | None | UnsetType = UNSET
    """Tax by its letter, kopecks when read; right after a create, what was sent."""
    terminal_id: int | None | UnsetType = UNSET
    """Id of the terminal."""
    terminal_shift_id: str | int | None | UnsetType = UNSET
    """Id of the terminal's shift; null in every sample."""
    title: str | None | UnsetType = UNSET
    """Title of the receipt; receipts of the cash registers have an empty one."""


class ReceiptAnswer(Model, kw_only=True):
    """Answer with one receipt."""

    data: Receipt
    """The receipt."""
    meta: EmptyMeta
    """Empty."""


class ReceiptPage(Model, kw_only=True):
    """One page of the list of receipts."""

    data: list[Receipt]
    """Receipts of this page."""
    meta: PageMeta
    """Where the page stands in the list."""


class ReceiptBatchAnswer(Model, kw_only=True):
    """Answer with the stored receipts."""

    data: list[Receipt]
    """The receipts."""
    meta: EmptyMeta
    """Empty."""


class ReceiptBatchDeletion(Model, kw_only=True):
    """Answer with what was deleted. One id was recorded to bring one receipt; the list is deduced."""

    data: Receipt | list[Receipt]
    """The deleted receipt, or a list of them where there were several ids (inferred)."""
    meta: EmptyMeta
    """Empty."""


class PaymentTransactionAnswer(Model, kw_only=True):
    """Answer with one payment."""

    data: PaymentTransaction
    """The payment."""
    meta: EmptyMeta
    """Empty."""


class Product(Model, kw_only=True):
    """Product of the catalogue. The list adds partner, stock and the subgroup's title, a single read the category, its type and the stock cards; inside a stock card it comes without any of these."""

    id: str
    """Id of the product."""
    title: str
    """Title of the product."""
    price: Decimal
    """Sale price of one unit, hryvnias."""
    remote_id: str | int | None | UnsetType = UNSET
    """Id in the user's own system. In the vendor's data structures only, in no recorded answer; its type is inferred."""
    number: str | None | UnsetType = UNSET
    """Barcode (штрихкод), not unique."""
    alter_number: str | None | UnsetType = UNSET
    """Alternative number of the product."""
    alter_title: str | None | UnsetType = UNSET
    """Alternative title of the product."""
    procurement_price: Decimal | None | UnsetType = UNSET
    """Purchase price of one unit, hryvnias."""
    is_free_price: bool | None | UnsetType = UNSET
    """Whether the cashier enters the price."""
    is_without_number: bool | None | UnsetType = UNSET
    """Whether the product has no barcode."""
    sold_by_weight: bool | None | UnsetType = UNSET
    """Whether the product is weighed at the till."""
    unit_type_id: int | None | UnsetType = UNSET
    """Code of the unit of measure, 0 in the recorded catalogues."""
    unit_type_name: str | None | UnsetType = UNSET
    """Short name of the unit of measure."""
    portion_amount: int | None | UnsetType = UNSET
    """Size of a portion in the unit that `portion_type_id` names."""
    portion_type_id: int | None | UnsetType = UNSET
    """Code of the portion's unit; the values are not documented."""
    classifier_type_id: ClassifierType | None | UnsetType = UNSET
    """Classifier that `classifier_code` belongs to."""
    classifier_code: str | None | UnsetType = UNSET
    """Code of the goods (УКТ ЗЕД or ДКПП)."""
    tax_group_id: TaxGroup | None | UnsetType = UNSET
    """Tax group of the product."""
    tax_amount: TaxAmounts | None | UnsetType = UNSET
    """Tax by its letter. The recorded numbers do not follow from the prices, so their unit is unknown."""
    category_id: str | None | UnsetType = UNSET
    """Id of the category."""
    category: Category | None | UnsetType = UNSET
    """Category of the product; in a single read only."""
    category_type_id: int | None | UnsetType = UNSET
    """Id of the category type."""
    category_type: CategoryType | None | UnsetType = UNSET
    """Category type of the product; in a single read only."""
    subgroup_id: int | None | UnsetType = UNSET
    """Id of the subgroup."""
    subgroup_title: str | None | UnsetType = UNSET
    """Title of the subgroup."""
    partner_id: int | None | UnsetType = UNSET
    """Id of the partner that the product belongs to."""
    partner_title: str | None | UnsetType = UNSET
    """Title of the partner."""
    partner: Partner | None | UnsetType = UNSET
    """Partner that the product belongs to; in the list only."""
    bookmark_ids: list[Any] | None | UnsetType = UNSET
    """Ids of the till's bookmarks that show the product. Only empty lists were recorded, so an item may be any JSON (inferred)."""
    picture: Picture | None | UnsetType = UNSET
    """Picture of the product."""
    stock: ProductStock | None | UnsetType = UNSET
    """Stock of the product; in the list only."""
    cards: list[StockCard] | None | UnsetType = UNSET
    """Stock cards of the product in all shops; in a single read only."""
    owner_id: int | None | UnsetType = UNSET
    """Id of the owner's account."""
    user_id: int | None | UnsetType = UNSET
    """Id of the user who created the product."""
    created_at: Instant | None | UnsetType = UNSET
    """Time of creation, with an offset."""
    updated_at: Instant | None | UnsetType = UNSET
    """Time of the last change, with an offset."""


class ProductAnswer(Model, kw_only=True):
    """Answer with one product."""

    data: Product
    """The product."""
    meta: EmptyMeta
    """Empty."""


class ProductPage(Model, kw_only=True):
    """One page of products."""

    data: list[Product]
    """Products of this page."""
    meta: PageMeta
    """Where the page stands in the list."""


__all__ = [
    "Address",
    "CardAnswer",
    "CardList",
    "Category",
    "CategoryAnswer",
    "CategoryBatch",
    "CategoryBatchAnswer",
    "CategoryCreate",
    "CategoryPage",
    "CategoryType",
    "CategoryUpdate",
    "ClassifierType",
    "CountMeta",
    "DiscountType",
    "Employee",
    "EmployeeAddressForm",
    "EmployeeAnswer",
    "EmployeeCreate",
    "EmployeePage",
    "EmployeeUpdate",
    "EmptyMeta",
    "FieldError",
    "FieldErrors",
    "IdBatch",
    "ImportJob",
    "ImportJobAnswer",
    "ImportJobCreate",
    "ImportJobPage",
    "MessageBody",
    "MessageErrors",
    "NumericId",
    "NumericIdAnswer",
    "PageMeta",
    "Partner",
    "PaymentPayload",
    "PaymentTransaction",
    "PaymentTransactionAnswer",
    "PaymentTransactionCreate",
    "PaymentType",
    "Picture",
    "PictureUpload",
    "Product",
    "ProductAnswer",
    "ProductBatch",
    "ProductBatchAnswer",
    "ProductCreate",
    "ProductPage",
    "ProductSales",
    "ProductSalesAnswer",
    "ProductSalesLine",
    "ProductStock",
    "ProductUpdate",
    "Receipt",
    "ReceiptAnswer",
    "ReceiptBatch",
    "ReceiptBatchAnswer",
    "ReceiptBatchDeletion",
    "ReceiptCreate",
    "ReceiptItem",
    "ReceiptItemCreate",
    "ReceiptPage",
    "ReceiptState",
    "ReceiptType",
    "ReceiptUpdate",
    "Role",
    "Session",
    "SessionAnswer",
    "SessionCreate",
    "Shift",
    "ShiftAnswer",
    "ShiftPage",
    "ShiftState",
    "Shop",
    "ShopAddressForm",
    "ShopAnswer",
    "ShopCreate",
    "ShopPage",
    "ShopStaff",
    "ShopStaffList",
    "ShopUpdate",
    "StaffMember",
    "StockCard",
    "StockCardCreate",
    "StockCardUpdate",
    "Subgroup",
    "SubgroupAnswer",
    "SubgroupCreate",
    "SubgroupList",
    "SubgroupUpdate",
    "TaxAmounts",
    "TaxGroup",
    "Terminal",
    "TerminalAnswer",
    "TerminalPage",
    "TerminalUpdate",
    "TransactionType",
    "UnauthorizedBody",
    "UnitType",
    "UnitTypeList",
    "UuidId",
    "UuidIdAnswer",
    "ZReport",
    "ZReportPage",
]
