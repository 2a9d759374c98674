from buf.validate import validate_pb2 as _validate_pb2
from dangol.offers.v1 import coupon_service_pb2 as _coupon_service_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class WalletChangeKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WALLET_CHANGE_KIND_UNSPECIFIED: _ClassVar[WalletChangeKind]
    WALLET_CHANGE_KIND_CHANGED: _ClassVar[WalletChangeKind]
    WALLET_CHANGE_KIND_LEFT: _ClassVar[WalletChangeKind]
WALLET_CHANGE_KIND_UNSPECIFIED: WalletChangeKind
WALLET_CHANGE_KIND_CHANGED: WalletChangeKind
WALLET_CHANGE_KIND_LEFT: WalletChangeKind

class WatchWalletRequest(_message.Message):
    __slots__ = ("customer_id", "resume_token")
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    resume_token: str
    def __init__(self, customer_id: _Optional[str] = ..., resume_token: _Optional[str] = ...) -> None: ...

class WatchWalletResponse(_message.Message):
    __slots__ = ("kind", "coupon", "resume_token", "live")
    KIND_FIELD_NUMBER: _ClassVar[int]
    COUPON_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    LIVE_FIELD_NUMBER: _ClassVar[int]
    kind: WalletChangeKind
    coupon: _coupon_service_pb2.Coupon
    resume_token: str
    live: bool
    def __init__(self, kind: _Optional[_Union[WalletChangeKind, str]] = ..., coupon: _Optional[_Union[_coupon_service_pb2.Coupon, _Mapping]] = ..., resume_token: _Optional[str] = ..., live: _Optional[bool] = ...) -> None: ...
