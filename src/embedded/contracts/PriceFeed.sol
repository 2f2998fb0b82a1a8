// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {OwnableUpgradeable} from "@openzeppelin/contracts-upgradeable/access/OwnableUpgradeable.sol";

/// @notice What one unit of collateral is worth in the asset, as a keeper last said.
contract PriceFeed is OwnableUpgradeable {
    /// @custom:storage-location erc7201:quorate.embedded.PriceFeed
    struct PriceFeedStorage {
        address keeper;
        uint256 price;
        uint256 updatedAt;
    }

    bytes32 private constant PRICE_FEED =
        keccak256(abi.encode(uint256(keccak256("quorate.embedded.PriceFeed")) - 1)) & ~bytes32(uint256(0xff));

    event PriceChanged(uint256 price);
    event KeeperChanged(address indexed keeper);

    error NotKeeper(address account);

    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor() {
        _disableInitializers();
    }

    /// @param price_ Times 1e18, as every price here.
    function initialize(address owner_, address keeper_, uint256 price_) external initializer {
        __Ownable_init(owner_);
        _setKeeper(keeper_);
        _setPrice(price_);
    }

    function version() external pure virtual returns (string memory) {
        return "1.0.0";
    }

    function setPrice(uint256 price_) external {
        if (msg.sender != keeper()) revert NotKeeper(msg.sender);
        _setPrice(price_);
    }

    function setKeeper(address keeper_) external onlyOwner {
        _setKeeper(keeper_);
    }

    function keeper() public view returns (address) {
        return _priceFeed().keeper;
    }

    function price() public view returns (uint256) {
        return _priceFeed().price;
    }

    /// @notice Block timestamp of the last price, in seconds.
    function updatedAt() public view returns (uint256) {
        return _priceFeed().updatedAt;
    }

    function _setPrice(uint256 price_) internal virtual {
        _priceFeed().price = price_;
        _priceFeed().updatedAt = block.timestamp;
        emit PriceChanged(price_);
    }

    function _priceFeed() internal pure returns (PriceFeedStorage storage $) {
        bytes32 slot = PRICE_FEED;
        assembly {
            $.slot := slot
        }
    }

    function _setKeeper(address keeper_) private {
        _priceFeed().keeper = keeper_;
        emit KeeperChanged(keeper_);
    }
}
