// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessControlUpgradeable} from "@openzeppelin/contracts-upgradeable/access/AccessControlUpgradeable.sol";
import {OwnableUpgradeable} from "@openzeppelin/contracts-upgradeable/access/OwnableUpgradeable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";

/// A price from elsewhere, and a token: what money leaves by. Everybody has a thousand of it.
contract Feed {
    uint256 public immutable price;

    event Transfer(address indexed from, address indexed to, uint256 amount);
    event Approval(address indexed owner, address indexed spender, uint256 amount);

    constructor(uint256 price_) {
        price = price_;
    }

    function balanceOf(address) external pure returns (uint256) {
        return 1000;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        emit Transfer(msg.sender, to, amount);
        return true;
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        emit Approval(msg.sender, spender, amount);
        return true;
    }
}

/// What is upgraded in the tests of the simulation: an owner, roles, a threshold, a price from elsewhere.
contract Ledger is OwnableUpgradeable, AccessControlUpgradeable, UUPSUpgradeable {
    uint256 public threshold;
    Feed public feed;
    mapping(address => uint256) public balanceOf;
    uint256 internal quiet;

    constructor() {
        _disableInitializers();
    }

    function initialize(address owner_, Feed feed_) external initializer {
        __Ownable_init(owner_);
        _grantRole(DEFAULT_ADMIN_ROLE, owner_);
        threshold = 3;
        feed = feed_;
    }

    function deposit(uint256 amount) external {
        balanceOf[msg.sender] += amount;
    }

    function price() external view virtual returns (uint256) {
        return feed.price();
    }

    function _authorizeUpgrade(address) internal virtual override onlyOwner {}
}

/// Honest: a new parameter, set by its own initialiser.
contract LedgerV2 is Ledger {
    uint256 public fee;

    function initializeV2(uint256 fee_) external onlyOwner reinitializer(2) {
        fee = fee_;
    }

    function withdraw(uint256 amount) external {
        balanceOf[msg.sender] -= amount;
    }
}

contract LedgerWithFeed is Ledger {
    function initializeV2(Feed feed_) external onlyOwner reinitializer(2) {
        feed = feed_;
    }
}

contract LedgerGrantsRole is Ledger {
    function initializeV2(address account) external onlyOwner reinitializer(2) {
        _grantRole(DEFAULT_ADMIN_ROLE, account);
    }
}

/// The role's slot is written without an event.
contract LedgerGrantsQuietly is Ledger {
    function initializeV2(address account) external onlyOwner reinitializer(2) {
        bytes32 base = 0x02dd7bc7dec4dceedda775e58dd541e08a116c6c53815c0bd028192f7b626800;
        bytes32 members = keccak256(abi.encode(bytes32(0), base));
        bytes32 slot = keccak256(abi.encode(account, members));
        assembly {
            sstore(slot, 1)
        }
    }
}

contract LedgerGivesOwnership is Ledger {
    function initializeV2(address account) external onlyOwner reinitializer(2) {
        _transferOwnership(account);
    }
}

contract LedgerFollowsBeacon is Ledger {
    function initializeV2(address beacon) external onlyOwner reinitializer(2) {
        bytes32 slot = 0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50;
        assembly {
            sstore(slot, beacon)
        }
    }
}

/// Its own initialisers are open on the bare implementation.
contract LedgerLeftOpen is OwnableUpgradeable, UUPSUpgradeable {
    uint256 public threshold;

    function initialize(address owner_) external initializer {
        __Ownable_init(owner_);
    }

    function _authorizeUpgrade(address) internal override onlyOwner {}
}

/// A reinitialiser that nobody guards, and that the upgrade does not run.
contract LedgerReinitialisable is Ledger {
    function initializeV2(address owner_) external reinitializer(2) {
        _transferOwnership(owner_);
    }
}

contract LedgerAuthorisesAll is Ledger {
    function _authorizeUpgrade(address) internal override {}
}

/// A helper that was inherited, and lets anybody make the contract call anything.
contract LedgerExecutes is Ledger {
    function execute(address to, bytes calldata data) external payable returns (bytes memory answer) {
        (, answer) = to.call(data);
    }
}

/// Makes any call for anybody, and owns nothing.
contract Relay {
    function relay(address to, bytes calldata data) external returns (bytes memory answer) {
        (, answer) = to.call(data);
    }
}

contract LedgerRelays is Ledger {
    Relay private immutable relay = new Relay();

    function execute(address to, bytes calldata data) external returns (bytes memory) {
        return relay.relay(to, data);
    }
}

contract LedgerExecutesForOwner is Ledger {
    function execute(address to, bytes calldata data) external payable onlyOwner returns (bytes memory answer) {
        (, answer) = to.call(data);
    }
}

/// The threshold moved to another slot, and nothing sets it there.
contract LedgerForgetsThreshold is OwnableUpgradeable, AccessControlUpgradeable, UUPSUpgradeable {
    uint256 private former;
    Feed public feed;
    mapping(address => uint256) public balanceOf;
    uint256 public threshold;

    constructor() {
        _disableInitializers();
    }

    function _authorizeUpgrade(address) internal override onlyOwner {}
}

/// A parameter of the new version that must not be zero, and whose initialiser was skipped.
contract LedgerSkipsWeight is Ledger {
    uint256 public minimumVoteWeight;

    function initializeV3() external onlyOwner reinitializer(3) {}
}

contract LedgerSetsWeight is Ledger {
    uint256 public minimumVoteWeight;

    function initializeV2(uint256 weight) external onlyOwner reinitializer(2) {
        minimumVoteWeight = weight;
    }
}

/// Quiet while it is simulated, where nobody builds the block or pays for gas.
contract LedgerSeesBuilder is Ledger {
    function initializeV2(address account) external onlyOwner reinitializer(2) {
        if (block.coinbase != address(0)) _grantRole(DEFAULT_ADMIN_ROLE, account);
    }
}

contract LedgerSeesGasPrice is Ledger {
    function initializeV2(address account) external onlyOwner reinitializer(2) {
        if (tx.gasprice > 0) _grantRole(DEFAULT_ADMIN_ROLE, account);
    }
}

/// Quiet while one thing of its surroundings is on one side of a bound.
contract LedgerSees is Ledger {
    function initializeV2(address account, string calldata what, uint256 bound, bool above)
        external
        onlyOwner
        reinitializer(2)
    {
        if ((seen(keccak256(bytes(what))) > bound) == above) _grantRole(DEFAULT_ADMIN_ROLE, account);
    }

    function seen(bytes32 what) private view returns (uint256) {
        if (what == keccak256("coinbase")) return uint160(address(block.coinbase));
        if (what == keccak256("basefee")) return block.basefee;
        if (what == keccak256("prevrandao")) return uint256(block.prevrandao) >> 248 == 0xa7 ? 1 : 0;
        if (what == keccak256("number")) return block.number;
        if (what == keccak256("gaslimit")) return block.gaslimit;
        if (what == keccak256("timestamp")) return block.timestamp;
        require(what == keccak256("number with a builder who is paid"));
        return block.coinbase == address(0) || tx.gasprice == 0 ? 0 : block.number;
    }
}

contract LedgerSeesOrigin is Ledger {
    function initializeV2(address account) external onlyOwner reinitializer(2) {
        if (tx.origin == account) quiet = 1;
    }
}

/// Keeps the block's time, as honest code does.
contract LedgerKeepsTime is Ledger {
    uint256 public startedAt;

    function initializeV2() external onlyOwner reinitializer(2) {
        startedAt = block.timestamp;
    }
}

/// Somebody becomes administrator by waiting.
contract LedgerWaits is Ledger {
    uint256 private startedAt;
    address private heir;

    function initializeV2(address account) external onlyOwner reinitializer(2) {
        startedAt = block.timestamp;
        heir = account;
    }

    function hasRole(bytes32 role, address account) public view override returns (bool) {
        return super.hasRole(role, account) || (account == heir && block.timestamp > startedAt + 7 days);
    }
}

/// Gives away what the proxy holds, while it is upgraded.
contract LedgerPays is Ledger {
    function initializeV2(address account) external onlyOwner reinitializer(2) {
        (bool paid,) = account.call{value: address(this).balance}("");
        require(paid);
    }
}

contract LedgerLends is Ledger {
    function initializeV2(address account) external onlyOwner reinitializer(2) {
        feed.approve(account, 1000);
    }
}

contract LedgerSendsCoins is Ledger {
    function initializeV2(address account) external onlyOwner reinitializer(2) {
        feed.transfer(account, feed.balanceOf(address(this)));
    }
}

contract LedgerPaysAnybody is Ledger {
    function skim() external {
        (bool paid,) = msg.sender.call{value: address(this).balance}("");
        require(paid);
    }
}

/// The same, and it goes through even where nothing may be changed.
contract LedgerPaysQuietly is Ledger {
    function payOut(address payable to, uint256 amount) external {
        try this.pay(to, amount) {} catch {}
    }

    function pay(address payable to, uint256 amount) external {
        require(msg.sender == address(this));
        (bool paid,) = to.call{value: amount}("");
        require(paid);
    }
}

contract LedgerPaysOwner is Ledger {
    function skim() external onlyOwner {
        (bool paid,) = msg.sender.call{value: address(this).balance}("");
        require(paid);
    }
}

/// Something else that an initialiser writes into.
contract Tally {
    uint256 public count;

    function add() external {
        count += 1;
    }
}

contract LedgerCountsElsewhere is Ledger {
    function initializeV2(Tally tally) external onlyOwner reinitializer(2) {
        tally.add();
    }
}

/// Whoever comes first is kept as the one who collects.
contract LedgerClaimed is Ledger {
    address public collector;

    function claim() external {
        collector = msg.sender;
    }
}

contract LedgerClaimedByOwner is Ledger {
    address public collector;

    function claim() external onlyOwner {
        collector = msg.sender;
    }
}

/// A token that the contract deals with, and a helper that hands it out.
contract LedgerSweeps is Ledger {
    function sweep(Feed coin, address to) external {
        coin.transfer(to, coin.balanceOf(address(this)));
    }
}

contract LedgerPlants is Ledger {
    function initializeV2(address account) external onlyOwner reinitializer(2) {
        balanceOf[account] = 1e30;
    }
}

/// Two variables changed places: nothing is zero, and everything is wrong.
contract LedgerSwaps is OwnableUpgradeable, AccessControlUpgradeable, UUPSUpgradeable {
    Feed public feed;
    uint256 public threshold;
    mapping(address => uint256) public balanceOf;

    constructor() {
        _disableInitializers();
    }

    function price() external pure returns (uint256) {
        return 2000;
    }

    function _authorizeUpgrade(address) internal override onlyOwner {}
}

/// Planted: the usual slot names an honest implementation, and calls go to what another slot names.
contract ShownProxy {
    bytes32 private constant SHOWN = 0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc;
    bytes32 private constant RUN = keccak256("run");

    constructor(address shown, address run, bytes memory data) {
        (bytes32 a, bytes32 b) = (SHOWN, RUN);
        assembly {
            sstore(a, shown)
            sstore(b, run)
        }
        (bool done,) = shown.delegatecall(data);
        require(done);
    }

    fallback() external {
        bytes32 slot = RUN;
        assembly {
            calldatacopy(0, 0, calldatasize())
            let done := delegatecall(gas(), sload(slot), 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if iszero(done) { revert(0, returndatasize()) }
            return(0, returndatasize())
        }
    }
}

contract HandsOn {
    fallback() external {
        assembly {
            let shown := sload(0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc)
            calldatacopy(0, 0, calldatasize())
            let done := delegatecall(gas(), shown, 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if iszero(done) { revert(0, returndatasize()) }
            return(0, returndatasize())
        }
    }
}
