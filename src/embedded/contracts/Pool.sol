// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Governed} from "./Governed.sol";
import {PriceFeed} from "./PriceFeed.sol";

/// @notice Lends what users deposited to users who pledge collateral, valued by the price feed. What it has (cash and
/// debts) always equals what it owes (deposits and the fees reserved for the protocol).
contract Pool is Governed {
    using SafeERC20 for IERC20;

    /// @custom:storage-location erc7201:quorate.embedded.Pool
    struct PoolStorage {
        IERC20 asset;
        IERC20 collateral;
        PriceFeed feed;
        uint256 cap;
        uint256 totalDeposits;
        uint256 totalDebt;
        uint256 reserves;
        mapping(address => uint256) deposits;
        mapping(address => uint256) debts;
        mapping(address => uint256) pledges;
    }

    /// @notice Collateral must be worth half as much again as the debt.
    uint256 public constant COLLATERAL_RATIO = 15_000;
    uint256 public constant MAX_PRICE_AGE = 1 hours;
    bytes32 private constant POOL =
        keccak256(abi.encode(uint256(keccak256("quorate.embedded.Pool")) - 1)) & ~bytes32(uint256(0xff));

    event Deposited(address indexed user, uint256 assets);
    event Withdrawn(address indexed user, uint256 assets);
    event Pledged(address indexed user, uint256 amount);
    event Released(address indexed user, uint256 amount);
    event Borrowed(address indexed user, uint256 assets, uint256 fee);
    event Repaid(address indexed user, uint256 assets);
    event ReservesCollected(address indexed to, uint256 assets);
    event CapChanged(uint256 cap);

    error OverCap(uint256 totalDeposits, uint256 cap);
    error StalePrice(uint256 updatedAt);
    error Undercollateralised(uint256 debt, uint256 pledgeValue);

    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor() {
        _disableInitializers();
    }

    function initialize(
        IERC20 asset_,
        IERC20 collateral_,
        PriceFeed feed_,
        address owner_,
        address pauser_,
        uint256 cap_
    ) external initializer {
        __Governed_init(owner_, pauser_);
        PoolStorage storage $ = _pool();
        ($.asset, $.collateral, $.feed, $.cap) = (asset_, collateral_, feed_, cap_);
    }

    function version() external pure virtual returns (string memory) {
        return "1.0.0";
    }

    function deposit(uint256 assets) external whenNotPaused {
        PoolStorage storage $ = _pool();
        uint256 credit = _credit(assets);
        $.deposits[msg.sender] += credit;
        $.totalDeposits += credit;
        if ($.totalDeposits > $.cap) revert OverCap($.totalDeposits, $.cap);
        $.asset.safeTransferFrom(msg.sender, address(this), assets);
        emit Deposited(msg.sender, assets);
    }

    function withdraw(uint256 assets) external whenNotPaused {
        PoolStorage storage $ = _pool();
        $.deposits[msg.sender] -= assets;
        $.totalDeposits -= assets;
        $.asset.safeTransfer(msg.sender, assets);
        emit Withdrawn(msg.sender, assets);
    }

    function pledge(uint256 amount) external whenNotPaused {
        _pool().pledges[msg.sender] += amount;
        _pool().collateral.safeTransferFrom(msg.sender, address(this), amount);
        emit Pledged(msg.sender, amount);
    }

    function release(uint256 amount) external whenNotPaused {
        _pool().pledges[msg.sender] -= amount;
        _requireCollateral(msg.sender);
        _pool().collateral.safeTransfer(msg.sender, amount);
        emit Released(msg.sender, amount);
    }

    function borrow(uint256 assets) external whenNotPaused {
        PoolStorage storage $ = _pool();
        uint256 fee = (assets * borrowFee()) / 10_000;
        $.debts[msg.sender] += assets + fee;
        $.totalDebt += assets + fee;
        $.reserves += fee;
        _requireCollateral(msg.sender);
        $.asset.safeTransfer(msg.sender, assets);
        emit Borrowed(msg.sender, assets, fee);
    }

    function repay(uint256 assets) external whenNotPaused {
        PoolStorage storage $ = _pool();
        $.debts[msg.sender] -= assets;
        $.totalDebt -= assets;
        $.asset.safeTransferFrom(msg.sender, address(this), assets);
        emit Repaid(msg.sender, assets);
    }

    function collectReserves(address to) external onlyOwner {
        PoolStorage storage $ = _pool();
        uint256 assets = $.reserves;
        $.reserves = 0;
        $.asset.safeTransfer(to, assets);
        emit ReservesCollected(to, assets);
    }

    function setCap(uint256 cap_) external onlyOwner {
        _pool().cap = cap_;
        emit CapChanged(cap_);
    }

    /// @notice Paid once on what is borrowed, in hundredths of a percent.
    function borrowFee() public pure virtual returns (uint256) {
        return 10;
    }

    function asset() external view returns (IERC20) {
        return _pool().asset;
    }

    function collateral() external view returns (IERC20) {
        return _pool().collateral;
    }

    function feed() external view returns (PriceFeed) {
        return _pool().feed;
    }

    function cap() external view returns (uint256) {
        return _pool().cap;
    }

    function reserves() external view returns (uint256) {
        return _pool().reserves;
    }

    function totalDeposits() public view returns (uint256) {
        return _pool().totalDeposits;
    }

    function totalDebt() public view returns (uint256) {
        return _pool().totalDebt;
    }

    function depositOf(address user) external view returns (uint256) {
        return _pool().deposits[user];
    }

    function debtOf(address user) external view returns (uint256) {
        return _pool().debts[user];
    }

    function pledgeOf(address user) external view returns (uint256) {
        return _pool().pledges[user];
    }

    function _credit(uint256 assets) internal view virtual returns (uint256) {
        return assets;
    }

    function _requireCollateral(address user) private view {
        PoolStorage storage $ = _pool();
        uint256 debt = $.debts[user];
        if (debt == 0) return;
        uint256 updatedAt = $.feed.updatedAt();
        if (block.timestamp - updatedAt > MAX_PRICE_AGE) revert StalePrice(updatedAt);
        uint256 value = ($.pledges[user] * $.feed.price()) / 1e18;
        if (value * 10_000 < debt * COLLATERAL_RATIO) revert Undercollateralised(debt, value);
    }

    function _pool() private pure returns (PoolStorage storage $) {
        bytes32 slot = POOL;
        assembly {
            $.slot := slot
        }
    }
}
