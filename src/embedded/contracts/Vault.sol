// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {Governed} from "./Governed.sol";

/// @notice Takes an asset for shares of everything it manages. Counts its assets itself, so that a gift moves no price;
/// rounds in favour of those who stay, so that the price of a share never falls.
contract Vault is Governed, UUPSUpgradeable {
    using SafeERC20 for IERC20;

    /// @custom:storage-location erc7201:quorate.embedded.Vault
    struct VaultStorage {
        IERC20 asset;
        uint256 totalAssets;
        uint256 totalShares;
        uint256 cap;
        mapping(address => uint256) shares;
    }

    bytes32 private constant VAULT =
        keccak256(abi.encode(uint256(keccak256("quorate.embedded.Vault")) - 1)) & ~bytes32(uint256(0xff));

    event Deposited(address indexed user, uint256 assets, uint256 shares);
    event Withdrawn(address indexed user, uint256 assets, uint256 shares);
    event YieldAdded(uint256 assets);
    event CapChanged(uint256 cap);

    error OverCap(uint256 totalAssets, uint256 cap);

    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor() {
        _disableInitializers();
    }

    function initialize(IERC20 asset_, address owner_, address pauser_, uint256 cap_) external initializer {
        __Governed_init(owner_, pauser_);
        _vault().asset = asset_;
        _vault().cap = cap_;
    }

    function version() external pure virtual returns (string memory) {
        return "1.0.0";
    }

    function deposit(uint256 assets) external whenNotPaused returns (uint256 shares) {
        VaultStorage storage $ = _vault();
        shares = _sharesFor(assets);
        $.shares[msg.sender] += shares;
        $.totalShares += shares;
        _receive(assets);
        emit Deposited(msg.sender, assets, shares);
    }

    function withdraw(uint256 shares) external whenNotPaused returns (uint256 assets) {
        VaultStorage storage $ = _vault();
        assets = _assetsFor(shares);
        $.shares[msg.sender] -= shares;
        $.totalShares -= shares;
        $.totalAssets -= assets;
        $.asset.safeTransfer(msg.sender, assets);
        emit Withdrawn(msg.sender, assets, shares);
    }

    /// @notice Raises the price of every share.
    function addYield(uint256 assets) external whenNotPaused {
        _receive(assets);
        emit YieldAdded(assets);
    }

    function setCap(uint256 cap_) external onlyOwner {
        _vault().cap = cap_;
        emit CapChanged(cap_);
    }

    function asset() external view returns (IERC20) {
        return _vault().asset;
    }

    function cap() external view returns (uint256) {
        return _vault().cap;
    }

    function sharesOf(address user) external view returns (uint256) {
        return _vault().shares[user];
    }

    function totalAssets() public view returns (uint256) {
        return _vault().totalAssets;
    }

    function totalShares() public view returns (uint256) {
        return _vault().totalShares;
    }

    function _sharesFor(uint256 assets) internal view virtual returns (uint256) {
        return totalShares() == 0 ? assets : (assets * totalShares()) / totalAssets();
    }

    function _assetsFor(uint256 shares) internal view virtual returns (uint256) {
        return (shares * totalAssets()) / totalShares();
    }

    function _authorizeUpgrade(address) internal override onlyOwner {}

    function _receive(uint256 assets) private {
        VaultStorage storage $ = _vault();
        $.totalAssets += assets;
        if ($.totalAssets > $.cap) revert OverCap($.totalAssets, $.cap);
        $.asset.safeTransferFrom(msg.sender, address(this), assets);
    }

    function _vault() private pure returns (VaultStorage storage $) {
        bytes32 slot = VAULT;
        assembly {
            $.slot := slot
        }
    }
}
