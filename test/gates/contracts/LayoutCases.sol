// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {OwnableUpgradeable} from "@openzeppelin/contracts-upgradeable/access/OwnableUpgradeable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";

// Plain storage.

contract LedgerV1 {
    function touch() external {}

    struct Entry {
        uint128 amount;
        address payer;
    }

    uint256 public total;
    address public keeper;
    uint64 public limit;
    mapping(uint256 => Entry) public entries;
    uint256[20] private __gap;

    function add(uint256 amount) external {
        total += amount;
        keeper = msg.sender;
        limit = 1;
        entries[total].payer = msg.sender;
    }
}

contract LedgerAppended {
    struct Entry {
        uint128 amount;
        address payer;
        uint64 at;
    }

    uint256 public total;
    address public keeper;
    uint64 public limit;
    mapping(uint256 => Entry) public entries;
    uint256 public fee;
    uint256[19] private __gap;

    function add(uint256 amount) external {
        total += amount - fee;
        entries[total].at = 1;
    }
}

contract LedgerInserted {
    struct Entry {
        uint128 amount;
        address payer;
    }

    uint256 public fee;
    uint256 public total;
    address public keeper;
    uint64 public limit;
    mapping(uint256 => Entry) public entries;
    uint256[19] private __gap;
}

contract LedgerPackedBefore {
    struct Entry {
        uint128 amount;
        address payer;
    }

    uint256 public total;
    bool public paused;
    address public keeper;
    uint64 public limit;
    mapping(uint256 => Entry) public entries;
    uint256[20] private __gap;
}

contract LedgerDeleted {
    struct Entry {
        uint128 amount;
        address payer;
    }

    address public keeper;
    uint64 public limit;
    mapping(uint256 => Entry) public entries;
    uint256[21] private __gap;
}

contract LedgerSwapped {
    struct Entry {
        uint128 amount;
        address payer;
    }

    address public keeper;
    uint64 public limit;
    uint256 public total;
    mapping(uint256 => Entry) public entries;
    uint256[20] private __gap;
}

contract LedgerShrunk {
    struct Entry {
        uint128 amount;
        address payer;
    }

    uint256 public total;
    address public keeper;
    uint32 public limit;
    mapping(uint256 => Entry) public entries;
    uint256[20] private __gap;
}

contract LedgerReplaced {
    struct Entry {
        uint128 amount;
        address payer;
    }

    uint256 public total;
    address public keeper;
    bool public halted;
    mapping(uint256 => Entry) public entries;
    uint256[20] private __gap;
}

/// Reads four bytes more than were ever written for it.
contract LedgerWidened {
    struct Entry {
        uint128 amount;
        address payer;
    }

    uint256 public total;
    address public keeper;
    /// @custom:oz-retyped-from uint64
    uint96 public limit;
    mapping(uint256 => Entry) public entries;
    uint256[20] private __gap;
}

contract LedgerRenamed {
    struct Entry {
        uint128 amount;
        address payer;
    }

    uint256 public sum;
    address public keeper;
    uint64 public limit;
    mapping(uint256 => Entry) public entries;
    uint256[20] private __gap;
}

contract LedgerMemberInserted {
    struct Entry {
        uint64 at;
        uint128 amount;
        address payer;
    }

    uint256 public total;
    address public keeper;
    uint64 public limit;
    mapping(uint256 => Entry) public entries;
    uint256[20] private __gap;
}

contract LedgerGapKept {
    struct Entry {
        uint128 amount;
        address payer;
    }

    uint256 public total;
    address public keeper;
    uint64 public limit;
    mapping(uint256 => Entry) public entries;
    uint256 public fee;
    uint256[20] private __gap;
    uint256 public last;
}

contract LedgerV1Tail {
    function touch() external {}

    uint256 public total;
    uint256[20] private __gap;
    uint256 public last;
}

contract LedgerTailMoved {
    uint256 public total;
    uint256 public fee;
    uint256[20] private __gap;
    uint256 public last;
}

contract LedgerTailKept {
    uint256 public total;
    uint256 public fee;
    uint256[19] private __gap;
    uint256 public last;
}

contract LedgerExcused {
    struct Entry {
        uint128 amount;
        address payer;
    }

    /// @custom:oz-retyped-from uint256
    int256 public total;
    address public keeper;
    uint64 public limit;
    mapping(uint256 => Entry) public entries;
    uint256[20] private __gap;
}

/// Its constructor sets what is part of the code, and nothing in storage.
contract LedgerFixed {
    struct Entry {
        uint128 amount;
        address payer;
    }

    uint256 public total;
    address public keeper;
    uint64 public limit;
    mapping(uint256 => Entry) public entries;
    uint256[20] private __gap;
    address public immutable treasury;

    constructor() {
        treasury = msg.sender;
    }
}

contract LedgerPreset {
    struct Entry {
        uint128 amount;
        address payer;
    }

    uint256 public total;
    address public keeper;
    uint64 public limit;
    mapping(uint256 => Entry) public entries;
    uint256 public fee = 5;
    uint256[19] private __gap;
}

// Namespaces by ERC-7201.

contract SpaceV1 {
    function touch() external {}

    /// @custom:storage-location erc7201:quorate.cases.Space
    struct Space {
        address owner;
        uint256 total;
    }

    // keccak256(abi.encode(uint256(keccak256("quorate.cases.Space")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant SPACE = keccak256(abi.encode(uint256(keccak256("quorate.cases.Space")) - 1)) & ~bytes32(uint256(0xff));

    function owner() external view returns (address) {
        return _space().owner;
    }

    function set(uint256 total) external {
        _space().total = total;
    }

    function _space() private pure returns (Space storage $) {
        bytes32 slot = SPACE;
        assembly {
            $.slot := slot
        }
    }
}

contract SpaceAppended {
    /// @custom:storage-location erc7201:quorate.cases.Space
    struct Space {
        address owner;
        uint256 total;
        uint256 fee;
    }

    bytes32 private constant SPACE = keccak256(abi.encode(uint256(keccak256("quorate.cases.Space")) - 1)) & ~bytes32(uint256(0xff));

    function owner() external view returns (address) {
        return _space().owner;
    }

    function set(uint256 fee) external {
        _space().fee = fee;
    }

    function _space() private pure returns (Space storage $) {
        bytes32 slot = _slot();
        assembly {
            $.slot := slot
        }
    }

    function _slot() private pure returns (bytes32) {
        return SPACE;
    }
}

contract SpaceRenamed {
    /// @custom:storage-location erc7201:quorate.cases.Spaces
    struct Space {
        address owner;
        uint256 total;
    }

    bytes32 private constant SPACE = keccak256(abi.encode(uint256(keccak256("quorate.cases.Spaces")) - 1)) & ~bytes32(uint256(0xff));

    function owner() external view returns (address) {
        return _space().owner;
    }

    function _space() private pure returns (Space storage $) {
        bytes32 slot = SPACE;
        assembly {
            $.slot := slot
        }
    }
}

contract SpaceForged {
    /// @custom:storage-location erc7201:quorate.cases.Space
    struct Space {
        address owner;
        uint256 total;
    }

    bytes32 private constant SPACE = keccak256(abi.encode(uint256(keccak256("quorate.cases.Spaces")) - 1)) & ~bytes32(uint256(0xff));

    function owner() external view returns (address) {
        return _space().owner;
    }

    function _space() private pure returns (Space storage $) {
        bytes32 slot = SPACE;
        assembly {
            $.slot := slot
        }
    }
}

/// The right slot stands in the source, and another one is used.
contract SpaceHidden {
    /// @custom:storage-location erc7201:quorate.cases.Space
    struct Space {
        address owner;
        uint256 total;
    }

    function owner() external view returns (address) {
        return _space().owner;
    }

    function _space() private pure returns (Space storage $) {
        uint256 slot = uint256(0xa4c615ed2f573e4abff72edec6a47b4658efd922a4dc684e619cc495e11c0500);
        slot = slot ^ 0x100;
        assembly {
            $.slot := slot
        }
    }
}

/// The right slot stands in the code too, and the wrong one is used where nobody looks.
contract SpaceTwofold {
    /// @custom:storage-location erc7201:quorate.cases.Space
    struct Space {
        address owner;
        uint256 total;
    }

    function owner() external view returns (address) {
        return _space().owner;
    }

    function _space() private view returns (Space storage $) {
        uint256 slot = uint256(0xa4c615ed2f573e4abff72edec6a47b4658efd922a4dc684e619cc495e11c0500);
        if (block.chainid != 1) slot += block.chainid;
        assembly {
            $.slot := slot
        }
    }
}

contract SpaceReordered {
    /// @custom:storage-location erc7201:quorate.cases.Space
    struct Space {
        uint256 total;
        address owner;
    }

    bytes32 private constant SPACE = keccak256(abi.encode(uint256(keccak256("quorate.cases.Space")) - 1)) & ~bytes32(uint256(0xff));

    function owner() external view returns (address) {
        return _space().owner;
    }

    function _space() private pure returns (Space storage $) {
        bytes32 slot = SPACE;
        assembly {
            $.slot := slot
        }
    }
}

/// A struct of its own, laid over the other one.
contract SpaceShared {
    /// @custom:storage-location erc7201:quorate.cases.Space
    struct Space {
        address owner;
        uint256 total;
    }

    struct Fees {
        uint256 fee;
    }

    bytes32 private constant SPACE = keccak256(abi.encode(uint256(keccak256("quorate.cases.Space")) - 1)) & ~bytes32(uint256(0xff));

    function owner() external view returns (address) {
        return _space().owner;
    }

    function fee() external view returns (uint256) {
        return _fees().fee;
    }

    function _space() private pure returns (Space storage $) {
        bytes32 slot = SPACE;
        assembly {
            $.slot := slot
        }
    }

    function _fees() private pure returns (Fees storage $) {
        bytes32 slot = SPACE;
        assembly {
            $.slot := slot
        }
    }
}

contract SpaceGone {
    function owner() external view returns (address) {
        return msg.sender;
    }
}

// The same idea before ERC-7201: a struct at the hash of a text, without a comment that says so.

library DiamondSlots {
    bytes32 internal constant FIRST = keccak256("quorate.cases.diamond");
    bytes32 internal constant SECOND = keccak256("quorate.cases.diamond.2");
}

contract DiamondV1 {
    function touch() external {}

    struct Facets {
        address owner;
        uint256 total;
    }

    function owner() external view returns (address) {
        return _facets().owner;
    }

    function _facets() private pure returns (Facets storage $) {
        bytes32 slot = DiamondSlots.FIRST;
        assembly {
            $.slot := slot
        }
    }
}

contract DiamondAppended {
    struct Facets {
        address owner;
        uint256 total;
        uint256 fee;
    }

    function owner() external view returns (address) {
        return _facets().owner;
    }

    function fee() external view returns (uint256) {
        return _facets().fee;
    }

    function _facets() private pure returns (Facets storage $) {
        bytes32 slot = DiamondSlots.FIRST;
        assembly {
            $.slot := slot
        }
    }
}

contract DiamondMoved {
    struct Facets {
        address owner;
        uint256 total;
    }

    function owner() external view returns (address) {
        return _facets().owner;
    }

    function _facets() private pure returns (Facets storage $) {
        bytes32 slot = DiamondSlots.SECOND;
        assembly {
            $.slot := slot
        }
    }
}

contract DiamondReordered {
    struct Facets {
        uint256 total;
        address owner;
    }

    function owner() external view returns (address) {
        return _facets().owner;
    }

    function _facets() private pure returns (Facets storage $) {
        bytes32 slot = DiamondSlots.FIRST;
        assembly {
            $.slot := slot
        }
    }
}

// Behind a UUPS proxy.

contract GateV1 is OwnableUpgradeable, UUPSUpgradeable {
    function touch() external {}

    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor() {
        _disableInitializers();
    }

    function initialize(address owner_) external initializer {
        __Ownable_init(owner_);
    }

    function _authorizeUpgrade(address) internal virtual override onlyOwner {}
}

contract GateV2 is GateV1 {
    function name() external pure returns (string memory) {
        return "gate";
    }
}

contract GateByCheck is OwnableUpgradeable, UUPSUpgradeable {
    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor() {
        _disableInitializers();
    }

    function initialize(address owner_) external initializer {
        __Ownable_init(owner_);
    }

    function _authorizeUpgrade(address) internal virtual override {
        _checkOwner();
    }
}

contract GateOpen is GateV1 {
    function _authorizeUpgrade(address) internal override {}
}

contract GateOpenByModifier is GateV1 {
    event Upgrading(address to);

    modifier anybody() {
        _;
    }

    function _authorizeUpgrade(address to) internal override anybody {
        emit Upgrading(to);
    }
}

contract GateUnlocked is OwnableUpgradeable, UUPSUpgradeable {
    function initialize(address owner_) external initializer {
        __Ownable_init(owner_);
    }

    function _authorizeUpgrade(address) internal virtual override onlyOwner {}
}

/// Passes the upgrade, because it still says proxiableUUID, and can never be upgraded again.
contract GateStuck is OwnableUpgradeable {
    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor() {
        _disableInitializers();
    }

    function initialize(address owner_) external initializer {
        __Ownable_init(owner_);
    }

    function proxiableUUID() external pure returns (bytes32) {
        return 0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc;
    }
}

contract GateRuns is GateV1 {
    function run(address code, bytes calldata data) external onlyOwner {
        (bool ok,) = code.delegatecall(data);
        require(ok);
    }
}

contract GateBusyConstructor is OwnableUpgradeable, UUPSUpgradeable {
    uint256 public fee;

    constructor() {
        _disableInitializers();
        fee = 5;
    }

    function initialize(address owner_) external initializer {
        __Ownable_init(owner_);
    }

    function _authorizeUpgrade(address) internal virtual override onlyOwner {}
}

contract GateDies is GateV1 {
    function end() external onlyOwner {
        selfdestruct(payable(msg.sender));
    }
}

contract GatePoints is GateV1 {
    function() internal view returns (uint256) private fee;

    function set() external onlyOwner {
        fee = _fee;
    }

    function feeNow() external view returns (uint256) {
        return fee();
    }

    function _fee() private view returns (uint256) {
        return address(this).balance;
    }
}
